package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// APIError is a request that the server refused or could not serve: any answer with a 4xx or 5xx
// status, and an error object in place of a result, which some servers send with status 200.
type APIError struct {
	// Method and Endpoint name the request as the API does: POST, /deploys.
	Method, Endpoint string
	// URL is the whole address, without credentials.
	URL string
	// StatusCode is the HTTP status.
	StatusCode int
	// Kind is the server's name for the error, "" if it gave none.
	Kind string
	// Message is the server's own text or, if the body was no error object, the meaning of the HTTP
	// status.
	Message string
	// Details is JSON of any type; nil if there are none.
	Details jsontext.Value
	// Snippet is the start of a body that was no error object, such as the HTML page of a proxy.
	Snippet string
	// RetryAfter is the wait that the header of that name asks for, 0 if there is none.
	RetryAfter time.Duration
}

// Error reads as the original client words it: [POST /deploys][401] message.
func (e *APIError) Error() string {
	return fmt.Sprintf("[%s %s][%d] %s", e.Method, e.Endpoint, e.StatusCode, e.Message)
}

// Unauthorized reports whether the server did not accept the token, or the token's user may not do
// this.
func (e *APIError) Unauthorized() bool {
	return e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden
}

// apiError reads a body as an error object; any other body keeps the meaning of the HTTP status and a
// snippet, and isObject is false.
func (r *Response) apiError(body []byte) (e *APIError, isObject bool) {
	e = &APIError{
		Method: r.request.Method, Endpoint: r.request.endpoint(), URL: r.client.url(r.request, true),
		StatusCode: r.Status, RetryAfter: retryAfter(r.Header),
	}
	var object struct {
		Kind    string         `json:"kind"`
		Msg     string         `json:"msg"`
		Details jsontext.Value `json:"details"`
	}
	if err := json.Unmarshal(body, &object, jsonread.Lenient); err == nil && (object.Msg != "" || object.Kind != "") {
		e.Kind, e.Message = r.redact(object.Kind), r.redact(object.Msg)
		if object.Details != nil {
			e.Details = jsontext.Value(r.redact(string(object.Details)))
		}
		if e.Message == "" {
			e.Message = e.Kind
		}
		return e, true
	}
	e.Message = http.StatusText(r.Status)
	if e.Message == "" {
		e.Message = "unknown status"
	}
	e.Snippet = r.snippet(r.head)
	return e, false
}

// ResponseError is an answer that is not one of the service: not JSON, JSON of another shape, empty,
// or cut short.
type ResponseError struct {
	// Method and URL name the request, StatusCode is its HTTP status.
	Method, URL string
	StatusCode  int
	// ContentType is the server's name for the body.
	ContentType string
	// Snippet is the start of the body, "" if it was empty.
	Snippet string
	// Err says what is wrong with it.
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

// ConnectionError is a request without an answer: no such host, nobody listening, TLS, a connection
// that broke.
type ConnectionError struct {
	// Method and URL name the request.
	Method, URL string
	// Sent reports whether the request may have reached the server.
	Sent bool
	Err  error
}

func (e *ConnectionError) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.URL, e.Err) }

func (e *ConnectionError) Unwrap() error { return e.Err }

// TimeoutError is a request that Request.Timeout ended.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the server did not answer within %s", e.Limit)
}

// SlowBodyError is an answer that began, and was not complete within Options.AnswerTimeout.
type SlowBodyError struct{ Limit time.Duration }

func (e *SlowBodyError) Error() string {
	return fmt.Sprintf("the answer began, but was not complete within %s", e.Limit)
}

// CertificateError is a server certificate that could not be verified.
type CertificateError struct {
	// Host is the name that was to be verified, as in the base URL.
	Host string
	// Trusted names the file of trusted certificates, "" for the system's.
	Trusted string
	// Certificate is the server's own, nil if it sent none.
	Certificate *x509.Certificate
	Err         error
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s could not be verified: %v", e.Host, e.reason())
}

func (e *CertificateError) Unwrap() error { return e.Err }

// NoSAN reports whether the certificate names its host in the Common Name only, as Puppet made
// certificates in former times.
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

// ShapeError is JSON that is not of the expected shape.
type ShapeError string

func (e ShapeError) Error() string { return string(e) }

// plainJSONError says where and what without naming Go's types.
func plainJSONError(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the JSON is cut off after %d bytes", syntax.ByteOffset)
		}
		return fmt.Errorf("invalid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		at := string(semantic.JSONPointer)
		if at == "" {
			at = "the top"
		}
		return fmt.Errorf("unexpected %s at %s", KindName(semantic.JSONKind), at)
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

// redact replaces the token and the request's own secrets in a text of the server.
func (r *Response) redact(text string) string {
	for _, secret := range r.secrets() {
		text = strings.ReplaceAll(text, secret, "<redacted>")
	}
	return text
}

// secrets are the texts that no error repeats, as they are, and as JSON and a URL have them. The
// longest comes first, for another may be part of it.
func (r *Response) secrets() []string {
	var all []string
	for _, secret := range append([]string{r.client.opts.Token}, r.request.Secrets...) {
		if secret == "" {
			continue
		}
		quoted, _ := jsontext.AppendQuote(nil, secret) // with U+FFFD for what is not UTF-8
		all = append(all, secret, strings.Trim(string(quoted), `"`), url.QueryEscape(secret), url.PathEscape(secret))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// snippet is the beginning of a body as an error shows it: without secrets, which are removed before
// the text is cut.
func (r *Response) snippet(head []byte) string {
	if r.request.SecretAnswer && r.Status < 300 {
		return ""
	}
	text := r.redact(string(head))
	for _, secret := range r.secrets() {
		text = withoutBeginning(text, secret)
	}
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if len(text) <= snippetLength {
		return text
	}
	cut := snippetLength
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// withoutBeginning is a text without the beginning of a secret at its end: a head may stop in the
// middle of it.
func withoutBeginning(text, secret string) string {
	for n := min(len(secret)-1, len(text)); n > 0; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return text[:len(text)-n]
		}
	}
	return text
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
