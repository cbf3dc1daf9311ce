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

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// Limits of the memory for an answer, in bytes.
const (
	// maxBody is for answers that are read whole: errors, and small objects.
	maxBody = 16 << 20
	// maxStream is for answers that are read value by value: the status of 200 compilers with 1,000
	// environments each is 30 MB.
	maxStream = 64 << 20
	// snippetLength is the maximum length of the part of a body that an error shows.
	snippetLength = 200
)

// Response is an answer whose header has arrived. Read reads its body, within limits. It must be
// closed.
type Response struct {
	Status int
	Header http.Header

	client  *Client
	request Request
	ctx     context.Context //nolint:containedctx // the answer's own end is that of its request
	cancel  context.CancelCauseFunc
	limit   *time.Timer
	in      io.ReadCloser
	// uncounted is true if only the end of the connection ends the body.
	uncounted bool
	read      int64
	// head is the beginning, for errors; broken is the error that ended the connection.
	head   []byte
	broken error
}

func (c *Client) newResponse(ctx context.Context, cancel context.CancelCauseFunc, limit *time.Timer, r Request, got *http.Response) *Response {
	return &Response{
		Status: got.StatusCode, Header: got.Header, client: c, request: r, ctx: ctx, cancel: cancel, limit: limit,
		in:        got.Body,
		uncounted: got.ContentLength < 0 && len(got.TransferEncoding) == 0,
	}
}

// Read reads the body. It returns a ShapeError if the body is too large.
func (r *Response) Read(p []byte) (int, error) {
	if r.read > maxStream {
		return 0, ShapeError(fmt.Sprintf("more than %d MB", maxStream>>20))
	}
	n, err := r.in.Read(p)
	r.read += int64(n)
	if room := 2*snippetLength - len(r.head); room > 0 {
		r.head = append(r.head, p[:min(n, room)]...)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.broken = err
	}
	return n, err
}

// Close ends the answer. It may be called more than once.
func (r *Response) Close() {
	r.limit.Stop()
	_ = r.in.Close() // a body that is not read further ends with its connection
	r.cancel(nil)
}

// ReadAll reads a body that is read whole, at most 16 MB, without white space around it.
func (r *Response) ReadAll() ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = ShapeError(fmt.Sprintf("more than %d MB", maxBody>>20))
	}
	if err != nil {
		return nil, r.Unreadable(err)
	}
	return bytes.TrimSpace(body), nil
}

// Unreadable returns the typed error for an error of reading or decoding the body: *ConnectionError
// if the connection broke, else *ResponseError. Other errors stay unchanged.
func (r *Response) Unreadable(err error) error {
	switch {
	case err == nil:
		return nil
	case r.broken != nil || r.ctx.Err() != nil:
		return r.brokeOff(err)
	case r.uncounted && (r.read == 0 || errors.Is(err, io.ErrUnexpectedEOF)):
		return r.brokeOff(io.ErrUnexpectedEOF)
	case err == io.EOF: //nolint:errorlint // only the decoder of an empty body says so
		return r.Nonsense(errors.New("expected JSON, got an empty body"))
	}
	if shape, ok := errors.AsType[ShapeError](err); ok {
		return r.Nonsense(shape) // without the decoder's wrapping
	}
	if errors.Is(err, jsonread.ErrValueTooLarge) {
		return r.Nonsense(jsonread.ErrValueTooLarge)
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok && syntax.ByteOffset == 0 && r.read > 0 {
		got := r.contentType()
		if got == "" || strings.Contains(got, "json") {
			got = "text that is not JSON"
		}
		return r.Nonsense(errors.New("expected JSON, got " + got))
	}
	if is[*jsontext.SyntacticError](err) || is[*json.SemanticError](err) {
		return r.Nonsense(plainJSONError(err))
	}
	return err
}

// brokeOff is the error for an answer whose connection ended too early.
func (r *Response) brokeOff(err error) error {
	if r.broken != nil {
		err = r.broken
	}
	err = fmt.Errorf("the answer (HTTP %d) broke off after %d bytes: %w", r.Status, r.read, err)
	if begin := r.snippet(); begin != "" {
		err = fmt.Errorf("%w; the body begins: %q", err, begin)
	}
	return r.client.connectionError(r.ctx, r.request, true, err)
}

// Nonsense is the error for an answer that is not from the service.
func (r *Response) Nonsense(err error) *ResponseError {
	return &ResponseError{
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
	default:
		body, err := r.ReadAll()
		if err != nil && !is[*ResponseError](err) {
			return err
		}
		if refused := r.ErrorObject(body); refused != nil {
			return refused
		}
		if r.Status == r.request.ResultStatus && jsontext.Value(body).IsValid() {
			r.in = io.NopCloser(bytes.NewReader(body))
			return nil
		}
		refused := r.Refusal("", cmp.Or(http.StatusText(r.Status), "unknown status"), nil)
		refused.Snippet = r.snippet()
		return refused
	}
}

// ErrorObject returns the error for a body that is an error object, with any status; nil for any
// other body.
func (r *Response) ErrorObject(body []byte) *APIError {
	var object struct {
		Kind    string         `json:"kind"`
		Msg     string         `json:"msg"`
		Details jsontext.Value `json:"details"`
	}
	err := json.Unmarshal(body, &object, jsonread.Lenient)
	if isObject := err == nil; isObject && (object.Msg != "" || object.Kind != "") {
		return r.Refusal(object.Kind, object.Msg, object.Details)
	}
	return nil
}

// Refusal is the error for an error object with these values.
func (r *Response) Refusal(kind, message string, details []byte) *APIError {
	if details != nil {
		details = []byte(r.redact(string(details)))
	}
	return &APIError{
		Method: r.request.Method, Endpoint: cmp.Or(r.request.Endpoint, r.request.Path), URL: r.client.shown(r.request),
		StatusCode: r.Status, RetryAfter: retryAfter(r.Header),
		Kind: r.redact(kind), Message: r.redact(cmp.Or(message, kind)), Details: details,
	}
}
