package output

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// ErrWrite is the reason of an error of writing a result, apart from those of
// reading it.
var ErrWrite = errors.New("cannot write the result to standard output")

// StreamDeploysStatus writes an answer to GET /v1/deploys/status as it arrives:
// the server's own object in its own order, indented by two spaces. With
// names, elements of arrays that are other environments are left out.
func StreamDeploysStatus(w io.Writer, body io.Reader, names []string) error {
	checked := &checkedWriter{w: w}
	buffered := bufio.NewWriterSize(checked, 64<<10)
	s := &stream{
		in:    jsontext.NewDecoder(body, jsontext.AllowInvalidUTF8(true)),
		out:   jsontext.NewEncoder(buffered, jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  ")),
		names: names,
	}
	err := s.all()
	if flushed := buffered.Flush(); err == nil {
		err = flushed
	}
	if checked.err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, checked.err)
	}
	return err
}

// checkedWriter keeps what went wrong with writing.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.err = errors.Join(c.err, err)
	return n, err
}

type stream struct {
	in    *jsontext.Decoder
	out   *jsontext.Encoder
	names []string
}

// all copies the one value; an array of one object is taken for the object.
func (s *stream) all() error {
	wrapped := s.in.PeekKind() == '['
	if wrapped {
		if _, err := s.in.ReadToken(); err != nil {
			return err
		}
	}
	if err := s.value(); err != nil {
		return err
	}
	if wrapped {
		if _, err := s.in.ReadToken(); err != nil {
			return err
		}
	}
	if _, err := s.in.ReadToken(); !errors.Is(err, io.EOF) {
		return codemanager.ShapeError("something follows the answer")
	}
	return nil
}

// value copies a value token by token; an element of an array that names an
// environment, whole.
func (s *stream) value() error {
	for depth := s.in.StackDepth(); ; {
		if kind, _ := s.in.StackIndex(s.in.StackDepth()); kind == '[' && s.in.PeekKind() == '{' && s.in.StackDepth() > depth {
			if err := s.element(); err != nil {
				return err
			}
			continue
		}
		token, err := s.in.ReadToken()
		if err != nil {
			return err
		}
		if err := s.out.WriteToken(token); err != nil {
			return err
		}
		if s.in.StackDepth() == depth {
			return nil
		}
	}
}

func (s *stream) element() error {
	raw, err := s.in.ReadValue()
	if err != nil {
		return err
	}
	if len(s.names) > 0 {
		var named struct {
			Environment string `json:"environment"`
		}
		if json.Unmarshal(raw, &named) == nil && named.Environment != "" && !slices.Contains(s.names, named.Environment) {
			return nil
		}
	}
	return s.out.WriteValue(raw)
}

// OneDeployment writes what a server says of one deployment: a table where it
// has the form of a deployment, else as it came. The form is not documented.
func OneDeployment(w io.Writer, style Style, body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var one []codemanager.Deployment
	if jsontext.Value(raw).Kind() == '[' {
		err = json.Unmarshal(raw, &one, jsontext.AllowInvalidUTF8(true))
	} else {
		one = make([]codemanager.Deployment, 1)
		err = json.Unmarshal(raw, &one[0], jsontext.AllowInvalidUTF8(true))
	}
	if err == nil && len(one) > 0 && one[0].Environment != "" {
		return Deployments(w, style, one)
	}
	value := jsontext.Value(raw)
	if err := value.Format(jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err = w.Write(append(value, '\n'))
	return err
}
