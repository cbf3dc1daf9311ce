package output

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/jsonread"
)

// WriteJSON writes v in the format of the original client: indented by two spaces, the keys of all
// objects in alphabetical order, numbers as the server wrote them, and one newline at the end.
// Characters that a terminal would interpret are escaped.
//
// Errors: those of w, and of encoding v. JSON from a server is valid already.
func WriteJSON(w io.Writer, v any) error {
	// A duplicate name must not lose a result.
	layout := []json.Options{jsonread.Lenient, jsontext.AllowDuplicateNames(true), json.Deterministic(true), jsontext.ReorderRawObjects(true)}
	if !hasDeep(v) {
		layout = append(layout, jsontext.WithIndent("  "))
	}
	out := bufio.NewWriterSize(w, bufferSize)
	err := json.MarshalWrite(escaper{out}, v, layout...)
	if failed, ok := errors.AsType[*WriteError](err); ok {
		return failed.Err
	} else if err != nil {
		return fmt.Errorf("cannot write the result as JSON: %w", err)
	}
	_ = out.WriteByte('\n') // Flush has its error
	return out.Flush()
}

// bufferSize is how much JSON is written at once, in bytes.
const bufferSize = 64 << 10

// escaper writes JSON with escapes for characters that a terminal or a reader would interpret. They
// occur only in strings, so the meaning of the JSON stays the same. Each write must have whole
// characters. Its errors are *WriteError.
type escaper struct{ w io.Writer }

func (e escaper) Write(p []byte) (int, error) {
	text := p
	if !isASCII(p) {
		text = []byte(escapeJSON(string(p)))
	}
	if _, err := e.w.Write(text); err != nil {
		return 0, &WriteError{err}
	}
	return len(p), nil
}

// isASCII reports whether a text is ASCII without DEL. JSON itself escapes all other control
// characters.
func isASCII(text []byte) bool {
	if bytes.IndexByte(text, '\x7f') >= 0 {
		return false
	}
	for ; len(text) >= 8; text = text[8:] {
		if binary.NativeEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func escapeJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < '\x7f' || shows(r):
			b.WriteRune(r)
		case r > '\uffff':
			first, second := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, first, second)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// hasDeep reports whether JSON of a server in v is nested too deeply to be indented.
func hasDeep(v any) bool {
	switch v := v.(type) {
	case []codemanager.Deployment:
		return slices.ContainsFunc(v, func(d codemanager.Deployment) bool { return tooDeep(jsontext.Value(d.Raw)) })
	case codemanager.RawJSON:
		return tooDeep(jsontext.Value(v))
	case jsontext.Value:
		return tooDeep(v)
	default:
		return false
	}
}

// maxDepth is deeper than any answer of Code Manager. The indentation of a deeply nested value
// takes the square of its size.
const maxDepth = 200

// tooDeep reports whether valid JSON is nested deeper than maxDepth.
func tooDeep(value jsontext.Value) bool {
	if len(value) <= 2*maxDepth {
		return false // too short for so many brackets: the usual case
	}
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case (c == '{' || c == '[') && !quoted:
			if depth++; depth > maxDepth {
				return true
			}
		case (c == '}' || c == ']') && !quoted:
			depth--
		}
	}
	return false
}

// WriteError is a result that could not be written.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "cannot write the result: " + e.Err.Error() }
func (e *WriteError) Unwrap() error { return e.Err }

// CopyJSON streams an answer of deploys/status, indented by two spaces, its keys in the server's
// order, with the escapes of WriteJSON. An array with one object counts as the object. With names
// of environments, or of their branches, it leaves out elements of arrays for other environments,
// and returns the names of all environments in the answer.
//
// Errors: those of reading in, *jsontext.SyntacticError, *WriteError.
func CopyJSON(w io.Writer, in io.Reader, names []string) (met map[string]bool, err error) {
	out := bufio.NewWriterSize(w, bufferSize)
	c := &copier{
		in:    jsonread.NewDecoder(in),
		out:   jsontext.NewEncoder(escaper{out}, jsonread.Lenient, jsontext.AllowDuplicateNames(true), jsontext.WithIndent("  ")),
		names: names,
		met:   map[string]bool{},
	}
	if err := c.all(); err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil { // the encoder ends a top-level value with a newline
		return nil, &WriteError{err}
	}
	return c.met, nil
}

var errTooDeep = fmt.Errorf("the JSON is nested more than %d levels deep", maxDepth)

type copier struct {
	in    *jsontext.Decoder
	out   *jsontext.Encoder
	names []string
	met   map[string]bool
}

func (c *copier) all() error {
	wrapped := c.in.PeekKind() == '['
	if wrapped {
		if _, err := c.in.ReadToken(); err != nil {
			return err
		}
	}
	if err := c.value(); err != nil {
		return err
	}
	if wrapped {
		if token, err := c.in.ReadToken(); err != nil {
			return err
		} else if token.Kind() != ']' {
			return errors.New("deploys/status returned an array with several elements, not one JSON object")
		}
	}
	if _, err := c.in.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("deploys/status returned more text after the JSON")
	}
	return nil
}

// value copies objects member by member, arrays element by element.
func (c *copier) value() error {
	if c.in.StackDepth() > maxDepth {
		return errTooDeep
	}
	switch c.in.PeekKind() {
	case '{':
		return c.between('}', func() error {
			if err := c.token(); err != nil { // the name
				return err
			}
			return c.value()
		})
	case '[':
		return c.between(']', c.element)
	default:
		return c.raw()
	}
}

func (c *copier) between(end jsontext.Kind, one func() error) error {
	if err := c.token(); err != nil {
		return err
	}
	for c.in.PeekKind() != end {
		if err := one(); err != nil {
			return err
		}
	}
	return c.token()
}

func (c *copier) token() error {
	token, err := c.in.ReadToken()
	if err != nil {
		return err
	}
	return written(c.out.WriteToken(token))
}

func (c *copier) raw() error {
	value, err := c.in.ReadValue()
	if err != nil {
		return err
	}
	return written(c.out.WriteValue(value))
}

func (c *copier) element() error {
	value, err := c.in.ReadValue()
	if err != nil || len(c.names) > 0 && !c.wanted(value) {
		return err
	}
	if tooDeep(value) {
		return errTooDeep
	}
	return written(c.out.WriteValue(value))
}

// wanted reports whether to copy an element: it is not an environment, or it is one of the named
// environments.
func (c *copier) wanted(value jsontext.Value) bool {
	var named struct {
		Environment string `json:"environment"`
	}
	if json.Unmarshal(value, &named, jsonread.Lenient) != nil || named.Environment == "" {
		return true
	}
	c.met[named.Environment] = true
	return slices.ContainsFunc(c.names, func(name string) bool {
		return name == named.Environment || codemanager.EnvironmentName(name) == named.Environment
	})
}

func written(err error) error {
	if err != nil {
		return &WriteError{err}
	}
	return nil
}
