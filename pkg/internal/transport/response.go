package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
	"github.com/puppet-code/puppet-code/pkg/service"
)

const (
	// maxBody is the maximum size of an answer, in bytes: the status of 200 compilers with 1,000
	// environments each is 30 MB.
	maxBody = 64 << 20
	// snippetLength is the maximum length of the part of a body that an error shows.
	snippetLength = 200
)

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	// Body is the body without white space around it. Bytes that are not UTF-8 are U+FFFD: r10k
	// passes on text from remotes in other encodings.
	Body []byte

	client  *Client
	request Request
	// uncounted is true if only the end of the connection ended the body.
	uncounted bool
}

// read reads the body of an answer.
func (c *Client) read(ctx context.Context, r Request, got *http.Response) (*Response, error) {
	defer got.Body.Close()
	limit := cmp.Or(r.MaxBody, maxBody)
	body, err := io.ReadAll(io.LimitReader(got.Body, int64(limit)+1))
	if err == nil && len(body) == 0 {
		err = context.Cause(ctx) // a server may end a request that was given up with an empty answer
	}
	response := &Response{
		Status: got.StatusCode, Header: got.Header, Body: bytes.TrimSpace(body), client: c, request: r,
		uncounted: got.ContentLength < 0 && len(got.TransferEncoding) == 0,
	}
	switch {
	case err != nil:
		return nil, response.brokeOff(ctx, err)
	case len(body) > limit && limit < 1<<20:
		return nil, response.Nonsense(fmt.Errorf("more than %d kB", limit>>10))
	case len(body) > limit:
		return nil, response.Nonsense(fmt.Errorf("more than %d MB", limit>>20))
	case !utf8.Valid(body):
		response.Body = bytes.ToValidUTF8(response.Body, []byte("\uFFFD"))
	}
	return response, nil
}

// brokeOff is the error for an answer whose connection ended too early.
func (r *Response) brokeOff(ctx context.Context, err error) error {
	err = fmt.Errorf("the answer (HTTP %d) broke off after %d bytes: %w", r.Status, len(r.Body), err)
	if begin := r.snippet(); begin != "" {
		err = fmt.Errorf("%w; the body begins: %q", err, begin)
	}
	return r.client.connectionError(ctx, r.request, true, err)
}

// Unreadable returns the typed error for an error of decoding the body: *ResponseError, or
// *ConnectionError if the body may be incomplete.
func (r *Response) Unreadable(err error) error {
	if r.uncounted && (len(r.Body) == 0 || errors.Is(err, io.ErrUnexpectedEOF)) {
		return r.brokeOff(context.Background(), io.ErrUnexpectedEOF)
	}
	if len(r.Body) == 0 {
		return r.Nonsense(errors.New("expected JSON, got an empty body"))
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok && syntax.ByteOffset == 0 {
		got := r.contentType()
		if got == "" || strings.Contains(got, "json") {
			got = "text that is not JSON"
		}
		return r.Nonsense(errors.New("expected JSON, got " + got))
	}
	return r.Nonsense(plainJSONError(err))
}

// Nonsense is the error for an answer that is not from the service.
func (r *Response) Nonsense(err error) *service.ResponseError {
	return &service.ResponseError{
		Method: r.request.Method, URL: r.client.shown(r.request), StatusCode: r.Status,
		ContentType: r.contentType(), Snippet: r.snippet(), Err: err,
	}
}

func (r *Response) contentType() string { return r.redact(r.Header.Get("Content-Type")) }

// Date is the server's clock when it answered, by the Date header in whole seconds; zero without
// the header.
func (r *Response) Date() time.Time {
	date, _ := http.ParseTime(r.Header.Get("Date")) // zero with an error
	return date
}

// refused returns the error for a status that is not a success.
func (r *Response) refused() error {
	switch {
	case r.Status >= 200 && r.Status < 300:
		return nil
	case r.Status >= 300 && r.Status < 400:
		return r.Nonsense(fmt.Errorf("a redirect to %q; redirects are not followed, because the token goes only to the configured host",
			r.redact(r.Header.Get("Location"))))
	}
	if refused := r.ErrorObject(); refused != nil {
		return refused
	}
	if r.Status == r.request.ResultStatus && jsontext.Value(r.Body).IsValid() {
		return nil
	}
	refused := r.refusal("", cmp.Or(http.StatusText(r.Status), "unknown status"), nil)
	refused.Snippet = r.snippet()
	return refused
}

// ErrorObject returns the error for a body that is an error object, with any status; nil for any
// other body.
func (r *Response) ErrorObject() *service.APIError {
	var object struct {
		Kind    string         `json:"kind"`
		Msg     string         `json:"msg"`
		Details jsontext.Value `json:"details"`
	}
	err := json.Unmarshal(r.Body, &object, jsonread.Lenient)
	if isObject := err == nil && (object.Msg != "" || object.Kind != ""); !isObject {
		return nil
	}
	return r.refusal(object.Kind, object.Msg, object.Details)
}

func (r *Response) refusal(kind, message string, details []byte) *service.APIError {
	if details != nil {
		details = []byte(r.redact(string(details)))
	}
	return &service.APIError{
		Method: r.request.Method, Endpoint: cmp.Or(r.request.Endpoint, r.request.Path), URL: r.client.shown(r.request),
		StatusCode: r.Status, RetryAfter: retryAfter(r.Header),
		Kind: r.redact(kind), Message: r.redact(cmp.Or(message, kind)), Details: details,
	}
}
