package output

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/recall"
)

// ErrWrite is the reason of an error of writing a result, apart from those of
// reading it.
var ErrWrite = errors.New("cannot write the result to standard output")

// StreamDeploysStatus writes an answer to GET /v1/deploys/status as it arrives:
// the server's own object in its own order, indented by two spaces. With
// names, elements of arrays that are other environments are left out.
func StreamDeploysStatus(w io.Writer, body *codemanager.Body, names []string) error {
	checked := &checkedWriter{w: w}
	s := &stream{
		body: body,
		// Names that come twice come twice.
		in:    jsontext.NewDecoder(body, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)),
		out:   bufio.NewWriterSize(checked, spoolBlock),
		names: names, arranger: arranger{keep: true}, before: map[int]*recall.Memory[[]byte]{},
	}
	err := s.all()
	if err == nil {
		err = s.out.WriteByte('\n')
	}
	if flushed := s.out.Flush(); err == nil {
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
	body     *codemanager.Body
	in       *jsontext.Decoder
	out      *bufio.Writer
	names    []string
	arranger arranger
	// before are elements of arrays as they were written, by their depth.
	before map[int]*recall.Memory[[]byte]
}

// all copies the one value; an array of one object is taken for the object.
func (s *stream) all() error {
	wrapped := s.in.PeekKind() == '['
	if wrapped {
		if _, err := s.in.ReadToken(); err != nil {
			return err
		}
	}
	if err := s.value(0); err != nil {
		return err
	}
	if wrapped {
		if token, err := s.in.ReadToken(); err != nil {
			return err
		} else if token.Kind() != ']' {
			return codemanager.ShapeError("an array of more than one object")
		}
	}
	if _, err := s.in.ReadToken(); !errors.Is(err, io.EOF) {
		return codemanager.ShapeError("something follows the answer")
	}
	return nil
}

// value copies a value: objects by their members, arrays by their elements.
func (s *stream) value(depth int) error {
	switch kind := s.in.PeekKind(); {
	case kind == '{' && depth <= maxDepth:
		return s.each('}', depth, s.member)
	case kind == '[' && depth <= maxDepth:
		return s.each(']', depth, s.element)
	default:
		raw, err := s.in.ReadValue()
		if err != nil {
			return err
		}
		return s.raw(raw, depth)
	}
}

// each copies what is between the brackets, one after the other.
func (s *stream) each(end jsontext.Kind, depth int, copyOne func(place, depth int) (bool, error)) error {
	begin, err := s.in.ReadToken()
	if err != nil {
		return err
	}
	_ = s.out.WriteByte(byte(begin.Kind()))
	count := 0
	for s.in.PeekKind() != end {
		written, err := copyOne(count, depth+1)
		if err != nil {
			return err
		}
		if written {
			count++
		}
	}
	if _, err := s.in.ReadToken(); err != nil {
		return err
	}
	if count > 0 {
		s.line(depth)
	}
	return s.out.WriteByte(byte(end))
}

// begin begins a line for one of several.
func (s *stream) begin(place, depth int) {
	if place > 0 {
		_ = s.out.WriteByte(',')
	}
	s.line(depth)
}

func (s *stream) line(depth int) {
	_, _ = s.out.Write(appendLine(s.out.AvailableBuffer(), depth))
}

func (s *stream) member(place, depth int) (bool, error) {
	name, err := s.in.ReadValue()
	if err != nil {
		return false, err
	}
	s.begin(place, depth)
	if err := s.raw(name, depth); err != nil {
		return false, err
	}
	_, _ = s.out.WriteString(": ")
	return true, s.value(depth)
}

func (s *stream) element(place, depth int) (bool, error) {
	defer s.body.Next()
	raw, err := s.in.ReadValue()
	if err != nil || !s.wanted(raw) {
		return false, err
	}
	s.begin(place, depth)
	before := s.before[depth]
	if before == nil {
		before = &recall.Memory[[]byte]{}
		s.before[depth] = before
	}
	if text, ok := before.At(place, raw); ok {
		_, err = s.out.Write(text)
		return true, err
	}
	if err := s.raw(raw, depth); err != nil {
		return false, err
	}
	before.Keep(place, raw, bytes.Clone(s.arranger.out))
	return true, nil
}

// raw writes a value that is at hand.
func (s *stream) raw(raw jsontext.Value, depth int) error {
	_, err := s.out.Write(s.arranger.arrange(s.arranger.out[:0], raw, depth))
	return err
}

// wanted reports whether an element is none of the environments to leave out.
func (s *stream) wanted(raw jsontext.Value) bool {
	if len(s.names) == 0 {
		return true
	}
	var named struct {
		Environment string `json:"environment"`
	}
	return json.Unmarshal(raw, &named) != nil || named.Environment == "" || slices.Contains(s.names, named.Environment)
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
