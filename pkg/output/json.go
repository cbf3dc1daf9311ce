package output

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// WriteJSON writes v as scripts expect it of the original client: indented by
// two spaces, the keys of every object in alphabetical order, numbers as the
// server wrote them, one newline at the end. It writes once, so that a failure
// to encode leaves no half a result behind.
func WriteJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("cannot write the result as JSON: %w", err)
	}
	value := jsontext.Value(text)
	err = value.Format(
		jsontext.AllowInvalidUTF8(true),
		jsontext.ReorderRawObjects(true),
		jsontext.WithIndent("  "),
	)
	if err != nil {
		return fmt.Errorf("cannot write the result as JSON: %w", err)
	}
	_, err = w.Write(append(value, '\n'))
	return err
}
