package output

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
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

// deploymentsJSON is an array of environments as the server wrote them.
type deploymentsJSON struct {
	arranger arranger
	spool    Spool
	buffer   []byte
	some     bool
}

// NewDeploymentsJSON makes a JSON array of environments, in the form of
// WriteJSON.
func NewDeploymentsJSON() DeploymentWriter { return &deploymentsJSON{} }

func (j *deploymentsJSON) Add(_ codemanager.Deployment, raw jsontext.Value) (err error) {
	begin := "[\n  "
	if j.some {
		begin = ",\n  "
	}
	if j.buffer, err = j.arranger.arrange(append(j.buffer[:0], begin...), raw, 1); err != nil {
		return err
	}
	j.some = true
	_, err = j.spool.Write(j.buffer)
	return err
}

func (j *deploymentsJSON) Reset() {
	j.some = false
	j.spool.Reset()
}

func (j *deploymentsJSON) Write(w io.Writer) error {
	end := "\n]\n"
	if !j.some {
		end = "[]\n"
	}
	if _, err := io.Copy(w, j.spool.Reader()); err != nil {
		return err
	}
	_, err := io.WriteString(w, end)
	return err
}

func (j *deploymentsJSON) Close() { j.spool.Close() }
