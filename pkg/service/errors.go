package service

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
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
	Details json.RawMessage
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

// TimeoutError is a request that exceeded its time limit. It comes inside a ConnectionError.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the server did not answer within %s", e.Limit)
}

// ProxyError is a proxy that did not connect to the server. It comes inside a ConnectionError.
type ProxyError struct {
	// Proxy is its host and port, and the variable that names it:
	// proxy.example.com:3128 (HTTPS_PROXY).
	Proxy string
	Err   error
}

func (e *ProxyError) Error() string { return "the proxy " + e.Proxy + ": " + e.Err.Error() }

func (e *ProxyError) Unwrap() error { return e.Err }

// Retry is a request that is about to be sent again.
type Retry struct {
	// Err is the reason.
	Err error
	// Attempt is the number of the next attempt, of Attempts in all: 2 at first.
	Attempt, Attempts int
	// Wait is the time until then.
	Wait time.Duration
}
