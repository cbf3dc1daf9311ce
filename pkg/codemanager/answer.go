package codemanager

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// snippetLength is how much of a body an error shows, in bytes.
const snippetLength = 200

// answer is what came back.
type answer struct {
	call   call
	url    string
	status int
	header http.Header
	// stream is what was not read yet.
	stream io.ReadCloser
	// body has no white space around it.
	body []byte
}

// lenient accepts text that r10k passed on from remotes in other encodings:
// bytes that are no UTF-8 become U+FFFD, and the answer is not lost.
var lenient = jsontext.AllowInvalidUTF8(true)

// refused gives the error for an HTTP status that is not a success, nil for one that is.
func (a *answer) refused() error {
	switch {
	case a.status >= 200 && a.status < 300:
		return nil
	case a.status >= 300 && a.status < 400:
		return a.nonsense(fmt.Errorf("a redirect to %q, which is not followed: the token goes nowhere but to the configured host",
			a.header.Get("Location")))
	default:
		return a.apiError()
	}
}

// apiError reads the body as an error object; a body that is none keeps the
// meaning of the HTTP status and a snippet.
func (a *answer) apiError() *APIError {
	e := &APIError{Method: a.call.method, Endpoint: a.call.endpoint, URL: a.url, StatusCode: a.status, RetryAfter: retryAfter(a.header)}
	var object ErrorObject
	if err := json.Unmarshal(a.body, &object, lenient); err == nil && (object.Msg != "" || object.Kind != "") {
		e.Kind, e.Message, e.Details = object.Kind, object.Msg, object.Details
		if e.Message == "" {
			e.Message = object.Kind
		}
		return e
	}
	e.Message = http.StatusText(a.status)
	if e.Message == "" {
		e.Message = "unknown status"
	}
	e.Snippet = a.snippet()
	return e
}

// nonsense wraps what is wrong with this answer.
func (a *answer) nonsense(err error) *ResponseError {
	return &ResponseError{
		Method: a.call.method, URL: a.url, StatusCode: a.status,
		ContentType: a.header.Get("Content-Type"), Snippet: a.snippet(), Err: err,
	}
}

// unreadable is nonsense in a body that was read as it came. An error of
// another kind, such as one of writing what was read, stays what it is.
func (a *answer) unreadable(err error) error {
	if err == io.EOF { //nolint:errorlint // what the reader of an empty body says, and nobody else
		return a.nonsense(errors.New("nothing where an object is due"))
	}
	if shape, ok := errors.AsType[ShapeError](err); ok {
		return a.nonsense(shape) // without the decoder's words around it
	}
	if is[*jsontext.SyntacticError](err) || is[*json.SemanticError](err) {
		return a.nonsense(plainJSONError(err))
	}
	return err
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// ShapeError is JSON that is not of the shape that is due.
type ShapeError string

func (e ShapeError) Error() string { return string(e) }

// brokeOff says how far an answer came before its connection ended.
func (a *answer) brokeOff(err error) error {
	return fmt.Errorf("the answer, HTTP %d, broke off after %d bytes, %q: %w", a.status, len(a.body), a.snippet(), err)
}

func (a *answer) snippet() string {
	if len(a.body) <= snippetLength {
		return strings.ToValidUTF8(string(a.body), "\uFFFD")
	}
	cut := snippetLength
	for cut > 0 && !utf8.RuneStart(a.body[cut]) {
		cut--
	}
	return strings.ToValidUTF8(string(a.body[:cut]), "\uFFFD") + "…"
}

// noArray is the error for a body that is none. An object is the server's own
// error, whatever the HTTP status.
func (a *answer) noArray() error {
	kind := jsontext.Value(a.body).Kind()
	if e := a.apiError(); kind == '{' && e.Snippet == "" {
		return e
	}
	return a.nonsense(fmt.Errorf("%s where an array is due", kindName(kind, a.body)))
}

// decodeObject reads the body as one T; some documentation wraps it in an
// array of one.
func decodeObject[T any](a *answer) (T, error) {
	var object T
	switch kind := jsontext.Value(a.body).Kind(); kind {
	case '{':
		if err := json.Unmarshal(a.body, &object, lenient); err != nil {
			return object, a.nonsense(plainJSONError(err))
		}
		return object, nil
	case '[':
		var list []T
		if err := json.Unmarshal(a.body, &list, lenient); err != nil {
			return object, a.nonsense(plainJSONError(err))
		}
		if len(list) == 1 {
			return list[0], nil
		}
		return object, a.nonsense(fmt.Errorf("an array of %d where one object is due", len(list)))
	default:
		return object, a.nonsense(fmt.Errorf("%s where an object is due", kindName(kind, a.body)))
	}
}

func kindName(kind jsontext.Kind, body []byte) string {
	switch {
	case len(body) == 0:
		return "nothing"
	case kind == 'n':
		return "null"
	case kind == 't', kind == 'f':
		return "a boolean"
	case kind == '"':
		return "a string"
	case kind == '0':
		return "a number"
	case kind == '{':
		return "an object"
	case kind == '[':
		return "an array"
	case kind == ']':
		return "an empty array"
	default:
		return "something that is no JSON"
	}
}

// plainJSONError says where and what without naming Go's types.
func plainJSONError(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the JSON is cut off after %d bytes", syntax.ByteOffset)
		}
		return fmt.Errorf("bad JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("unexpected %s at %s", kindName(semantic.JSONKind, []byte{1}), pointer(semantic.JSONPointer))
	}
	return err
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "the top"
	}
	return string(p)
}
