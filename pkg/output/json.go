package output

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

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
	out := bufio.NewWriterSize(w, bufferSize)
	// A duplicate name must not lose a result.
	err := json.MarshalWrite(escaper{out}, v, jsonread.Lenient, jsontext.AllowDuplicateNames(true), json.Deterministic(true),
		jsontext.ReorderRawObjects(true), jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("cannot write the result as JSON: %w", err)
	}
	_ = out.WriteByte('\n') // Flush has its error
	return out.Flush()
}

// bufferSize is how much JSON is written at once, in bytes.
const bufferSize = 64 << 10

// escaper writes JSON with escapes for characters that a terminal or a reader would interpret. They
// occur only in strings, so the meaning of the JSON stays the same. Each write must have whole
// characters.
type escaper struct{ w io.Writer }

func (e escaper) Write(p []byte) (int, error) {
	text := p
	if slices.ContainsFunc(p, func(b byte) bool { return b >= '\x7f' }) { // JSON escapes other control characters
		text = []byte(escapeJSON(string(p)))
	}
	if _, err := e.w.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
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

// CopyJSON writes an answer of deploys/status in the format of WriteJSON, but with the keys in the
// server's order. With names of environments, or of their branches, it leaves out elements of arrays
// for other environments. Errors are those of w, and of JSON that is not valid.
func CopyJSON(w io.Writer, answer codemanager.RawJSON, names []string) error {
	out := bufio.NewWriterSize(w, bufferSize)
	// Token by token: indenting a value at once takes many times its memory.
	from := jsontext.NewDecoder(bytes.NewBuffer(answer), jsonread.Lenient, jsontext.AllowDuplicateNames(true))
	to := jsontext.NewEncoder(escaper{out}, jsonread.Lenient, jsontext.AllowDuplicateNames(true), jsontext.WithIndent("  "))
	for {
		err := copyNext(to, from, names)
		if errors.Is(err, io.EOF) {
			return out.Flush() // the encoder ends a top-level value with a newline
		}
		if err != nil {
			return err
		}
	}
}

// copyNext copies a token, or an element of an array if it has to be looked at.
func copyNext(to *jsontext.Encoder, from *jsontext.Decoder, names []string) error {
	if kind, _ := from.StackIndex(from.StackDepth()); kind == '[' && len(names) > 0 && from.PeekKind() == '{' {
		value, err := from.ReadValue()
		if err != nil || !concerns(value, names) {
			return err
		}
		return to.WriteValue(value)
	}
	token, err := from.ReadToken()
	if err != nil {
		return err
	}
	return to.WriteToken(token)
}

// concerns reports whether an element is no environment, or one of the named environments.
func concerns(value jsontext.Value, names []string) bool {
	var named struct {
		Environment string `json:"environment"`
	}
	if json.Unmarshal(value, &named, jsonread.Lenient) != nil || named.Environment == "" {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return name == named.Environment || codemanager.EnvironmentName(name) == named.Environment
	})
}
