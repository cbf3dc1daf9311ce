package codemanager

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// APIError is a request that the server refused or could not serve: any answer
// with a 4xx or 5xx status, and an error object where an array is due, which
// at least one server sends with status 200.
type APIError struct {
	// Method and Endpoint name the request as the API does: POST, /deploys.
	Method, Endpoint string
	// URL is the whole address, without credentials.
	URL string
	// StatusCode is the HTTP status.
	StatusCode int
	// Kind is the server's name for the error, "" where it gave none.
	Kind string
	// Message is the server's own text or, where the body was no error object,
	// what the HTTP status means.
	Message string
	// Details is JSON of any type; nil where there are none.
	Details jsontext.Value
	// Snippet is the start of a body that was no error object, such as the
	// HTML page of a proxy.
	Snippet string
	// RetryAfter is what the header of that name asks for, 0 where there is none.
	RetryAfter time.Duration
}

// Error reads as the original client words it: [POST /deploys][401] message.
func (e *APIError) Error() string {
	return fmt.Sprintf("[%s %s][%d] %s", e.Method, e.Endpoint, e.StatusCode, e.Message)
}

// Unauthorized reports whether the server did not accept the token, or the
// token's user may not do this.
func (e *APIError) Unauthorized() bool {
	return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden
}

// ResponseError is an answer that makes no sense: not JSON, JSON of another
// shape, empty, or cut short.
type ResponseError struct {
	// Method and URL name the request, StatusCode is its HTTP status.
	Method, URL string
	StatusCode  int
	// ContentType is what the server calls the body.
	ContentType string
	// Snippet is the start of the body, "" where it was empty.
	Snippet string
	// Err says what is wrong with it.
	Err error
}

func (e *ResponseError) Error() string {
	came := "an empty body"
	if e.Snippet != "" {
		came = fmt.Sprintf("%q", e.Snippet)
		if e.ContentType != "" {
			came = e.ContentType + " " + came
		}
	}
	return fmt.Sprintf("%s %s answered HTTP %d with what no Code Manager would say: %v; what came: %s",
		e.Method, e.URL, e.StatusCode, e.Err, came)
}

func (e *ResponseError) Unwrap() error { return e.Err }

// ConnectionError is a request without an answer: no such host, nobody
// listening, TLS, a connection that broke.
type ConnectionError struct {
	// Method and URL name the request.
	Method, URL string
	// Sent reports whether the request may have reached the server: a
	// deployment may be under way although there is no answer.
	Sent bool
	Err  error
}

func (e *ConnectionError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.Method, e.URL, e.Err)
}

func (e *ConnectionError) Unwrap() error { return e.Err }

// ProxyError is a proxy, of HTTPS_PROXY, that makes no connection to the server.
type ProxyError struct{ Err error }

func (e *ProxyError) Error() string { return "the proxy of HTTPS_PROXY: " + e.Err.Error() }

func (e *ProxyError) Unwrap() error { return e.Err }

// CertificateError is a server certificate that could not be verified.
type CertificateError struct {
	// Host is the name that was to be verified, as in the service URL.
	Host string
	// Trusted names the file of trusted certificates, "" for the system's.
	Trusted string
	// Certificate is the server's own, nil where it sent none.
	Certificate *x509.Certificate
	Err         error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s could not be verified: %v", e.Host, e.reason())
}

func (e *CertificateError) Unwrap() error { return e.Err }

// NoSAN reports whether the certificate names its host in the Common Name
// only, as Puppet made certificates in former times.
func (e *CertificateError) NoSAN() bool {
	return e.Certificate != nil && !hasSAN(e.Certificate)
}

// reason is Err without the prefixes of the packages it came through.
func (e *CertificateError) reason() error {
	var hostname x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case e.NoSAN() && errors.As(e.Err, &hostname):
		return errors.New("it has no subject alternative names, only a common name")
	case errors.As(e.Err, &hostname):
		return errors.New("it is for another host")
	case errors.As(e.Err, &authority):
		return errors.New("it is not signed by a trusted authority")
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired:
		return errors.New("it has expired or is not yet valid")
	default:
		return e.Err
	}
}
