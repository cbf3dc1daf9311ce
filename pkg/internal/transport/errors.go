package transport

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// APIError is a request that the server refused or could not serve: any answer with a 4xx or 5xx
// status, and an error object instead of a result, which some servers send with status 200.
type APIError struct {
	// Method and Endpoint name the request as the API does: POST, /deploys.
	Method, Endpoint string
	// URL is the whole address, without credentials.
	URL string
	// StatusCode is the HTTP status.
	StatusCode int
	// Kind is the server's name for the error, "" without a name.
	Kind string
	// Message is the server's text or, if the body is not an error object, the meaning of the HTTP
	// status.
	Message string
	// Details is JSON of any type; nil without details.
	Details jsontext.Value
	// Snippet is the start of a body that is not an error object, such as the HTML page of a proxy.
	Snippet string
	// RetryAfter is the time in the Retry-After header, 0 without the header.
	RetryAfter time.Duration
}

// Error has the format of the original client: [POST /deploys][401] message.
func (e *APIError) Error() string {
	return fmt.Sprintf("[%s %s][%d] %s", e.Method, e.Endpoint, e.StatusCode, e.Message)
}

// Unauthorized reports whether the server did not accept the token, or the token's user may not do
// this.
func (e *APIError) Unauthorized() bool {
	return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden
}

// ResponseError is an answer that is not from the service: not JSON, JSON of another shape, empty,
// or incomplete.
type ResponseError struct {
	// Method and URL name the request, StatusCode is its HTTP status.
	Method, URL string
	StatusCode  int
	// ContentType is the server's name for the body.
	ContentType string
	// Snippet is the start of the body, "" if it was empty.
	Snippet string
	// Err is the problem.
	Err error
}

func (e *ResponseError) Error() string {
	text := fmt.Sprintf("%s %s returned HTTP %d, but not a valid response: %v", e.Method, e.URL, e.StatusCode, e.Err)
	if e.Snippet != "" {
		text += fmt.Sprintf("; the body begins: %q", e.Snippet)
		if e.ContentType != "" {
			text += " (" + e.ContentType + ")"
		}
	}
	return text
}

func (e *ResponseError) Unwrap() error { return e.Err }

// ConnectionError is a request without an answer: no such host, connection refused, a TLS error, or
// a broken connection.
type ConnectionError struct {
	// Method and URL name the request.
	Method, URL string
	// Sent reports whether the request may have reached the server.
	Sent bool
	Err  error
}

func (e *ConnectionError) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.URL, e.Err) }

func (e *ConnectionError) Unwrap() error { return e.Err }

// TimeoutError is a request that exceeded Request.Timeout.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the server did not answer within %s", e.Limit)
}

// SlowAnswerError is an answer that was not complete within Options.AnswerTimeout.
type SlowAnswerError struct{ Limit time.Duration }

func (e *SlowAnswerError) Error() string {
	return fmt.Sprintf("the answer was not complete within %s", e.Limit)
}

// CertificateError is a server certificate that could not be verified.
type CertificateError struct {
	// Host is the host in the base URL.
	Host string
	// Trusted names the file of trusted certificates, "" for the system's.
	Trusted string
	// Certificate is the server's certificate, nil if it sent no certificate.
	Certificate *x509.Certificate
	Err         error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s could not be verified: %v", e.Host, e.reason())
}

func (e *CertificateError) Unwrap() error { return e.Err }

// NoSAN reports whether the certificate names its host only in the Common Name, as certificates of
// old Puppet versions do.
func (e *CertificateError) NoSAN() bool {
	return e.Certificate != nil && len(e.Certificate.DNSNames)+len(e.Certificate.IPAddresses) == 0
}

// reason is Err without the prefixes of Go packages.
func (e *CertificateError) reason() error {
	invalid, _ := errors.AsType[x509.CertificateInvalidError](e.Err)
	switch {
	case e.NoSAN() && is[x509.HostnameError](e.Err):
		return errors.New("it has no subject alternative names, only a common name")
	case is[x509.HostnameError](e.Err):
		return errors.New("it is for another host")
	case is[x509.UnknownAuthorityError](e.Err):
		return errors.New("it is not signed by a trusted authority")
	case invalid.Reason == x509.Expired:
		return errors.New("it has expired or is not yet valid")
	default:
		return e.Err
	}
}

// ShapeError is JSON that is not of the expected shape.
type ShapeError string

func (e ShapeError) Error() string { return string(e) }

// plainJSONError describes a JSON error without naming Go types.
func plainJSONError(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the JSON is cut off after %d bytes", syntax.ByteOffset)
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("the name %q comes twice in one object", syntax.JSONPointer.LastToken())
		}
		return fmt.Errorf("invalid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	// A method UnmarshalJSON has an error of its own, with a pointer into its value.
	at, kind := "", jsontext.Kind(0)
	for semantic, ok := errors.AsType[*json.SemanticError](err); ok; semantic, ok = errors.AsType[*json.SemanticError](semantic.Err) {
		at, kind = at+string(semantic.JSONPointer), semantic.JSONKind
	}
	if kind != 0 {
		return fmt.Errorf("unexpected value at %s: %s", cmp.Or(at, "the top"), KindName(kind))
	}
	return err
}

// KindName names a kind of JSON value in a sentence: an object, a string.
func KindName(kind jsontext.Kind) string {
	names := map[jsontext.Kind]string{
		'n': "null", 't': "a boolean", 'f': "a boolean", '"': "a string", '0': "a number",
		'{': "an object", '[': "an array", ']': "an empty array",
	}
	if name, ok := names[kind]; ok {
		return name
	}
	return "text that is not JSON"
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
