package codemanager

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/validjson"
)

// Results takes the environments of an answer, one after the other, so that
// who wants to need not hold them all.
type Results interface {
	// Add takes one. Raw is its JSON, valid until Add returns. What is in it and
	// not in d: FileSync, and what this client does not know. An error ends the
	// reading, and is what the caller of the request gets.
	Add(d Deployment, raw jsontext.Value) error
	// Reset forgets all: the answer broke off, others follow.
	Reset()
}

// DeploymentList is Results that keeps all of them, with all that is in them.
type DeploymentList []Deployment

// Add makes it Results.
func (l *DeploymentList) Add(_ Deployment, raw jsontext.Value) error {
	var whole Deployment
	err := json.Unmarshal(raw, &whole, lenient)
	*l = append(*l, whole)
	return err
}

// Reset makes it Results.
func (l *DeploymentList) Reset() { *l = nil }

// ReadDeployments reads the array that answers POST /v1/deploys. Errors name
// the place in the JSON.
func ReadDeployments(in io.Reader, results Results) error {
	r := newDeploymentReader(NewBody(in))
	if kind := r.in.PeekKind(); kind != '[' && kind != 0 {
		return ShapeError(kindName(kind, []byte{1}) + " where an array is due")
	}
	return r.read(results)
}

// deploymentReader reads an answer to POST /v1/deploys in one pass. Where that
// makes thousands of environments faster it does by hand what package json
// would do.
type deploymentReader struct {
	in      *jsontext.Decoder
	body    *Body
	members []validjson.Member
	count   int
}

func newDeploymentReader(body *Body) *deploymentReader {
	// Names that come twice are refused by the reader, which costs less.
	return &deploymentReader{in: jsontext.NewDecoder(body, lenient, jsontext.AllowDuplicateNames(true)), body: body}
}

// read gives each element of the array to results.
func (r *deploymentReader) read(results Results) error {
	if _, err := r.in.ReadToken(); err != nil {
		return err
	}
	for r.in.PeekKind() != ']' {
		raw, err := r.in.ReadValue()
		if err != nil {
			return err
		}
		d, err := r.deployment(raw)
		if err != nil {
			return err
		}
		if err := results.Add(d, raw); err != nil {
			return r.at(err)
		}
		r.count++
		r.body.Next()
	}
	if _, err := r.in.ReadToken(); err != nil {
		return err
	}
	if _, err := r.in.ReadToken(); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return ShapeError("something follows the array")
}

// at names the element that an error is about.
func (r *deploymentReader) at(err error) error {
	if shape, ok := errors.AsType[ShapeError](err); ok {
		return ShapeError(fmt.Sprintf("%s at /%d", string(shape), r.count))
	}
	return err
}

func (r *deploymentReader) deployment(raw jsontext.Value) (d Deployment, err error) {
	if raw.Kind() != '{' {
		return d, r.at(ShapeError("unexpected " + kindName(raw.Kind(), raw)))
	}
	r.members = validjson.Members(r.members[:0], raw)
	for i, m := range r.members {
		if bytes.IndexByte(m.Name, '\\') >= 0 {
			r.members[i].Name, _ = jsontext.AppendQuote(nil, unquoted(m.Name)) // in the one form that compares
		}
		name := r.members[i].Name
		if slices.ContainsFunc(r.members[:i], func(other validjson.Member) bool { return bytes.Equal(other.Name, name) }) {
			return d, r.at(ShapeError(fmt.Sprintf("the name %s comes twice", name)))
		}
		if err := r.take(&d, name, m.Value); err != nil {
			return d, err
		}
	}
	if d.Environment == "" {
		return d, r.at(ShapeError("no environment is named"))
	}
	return d, nil
}

// take puts a member into its field. A null is as good as none.
func (r *deploymentReader) take(d *Deployment, name []byte, value jsontext.Value) (err error) {
	if value.Kind() == 'n' {
		return nil
	}
	switch string(name) {
	case `"environment"`:
		d.Environment, err = r.text(name, value)
	case `"deploy-signature"`:
		d.DeploySignature, err = r.text(name, value)
	case `"status"`:
		d.Status, err = r.status(name, value)
	case `"id"`:
		id, bad := strconv.ParseInt(string(value), 10, 64)
		if bad != nil {
			return r.unexpected(name, value)
		}
		d.ID = &id
	case `"error"`:
		d.Error, err = r.failure(value)
	}
	return err
}

func (r *deploymentReader) text(name []byte, value jsontext.Value) (string, error) {
	if value.Kind() != '"' {
		return "", r.unexpected(name, value)
	}
	return unquoted(value), nil
}

// status makes no new text of a status that is known.
func (r *deploymentReader) status(name []byte, value jsontext.Value) (Status, error) {
	switch string(value) {
	case `"complete"`:
		return StatusComplete, nil
	case `"queued"`:
		return StatusQueued, nil
	default:
		text, err := r.text(name, value)
		return Status(text), err
	}
}

func (r *deploymentReader) failure(value jsontext.Value) (*ErrorObject, error) {
	var object ErrorObject
	err := json.Unmarshal(value, &object, lenient)
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return nil, ShapeError(fmt.Sprintf("unexpected %s at /%d/error%s", kindName(semantic.JSONKind, value), r.count, semantic.JSONPointer))
	}
	return &object, err
}

func (r *deploymentReader) unexpected(name []byte, value jsontext.Value) error {
	return ShapeError(fmt.Sprintf("unexpected %s at /%d/%s", kindName(value.Kind(), value), r.count, unquoted(name)))
}

// unquoted is the text of a JSON string that is known to be one.
func unquoted(value []byte) string {
	if plain := value[1 : len(value)-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain)
	}
	// Its only error is about bytes that are no UTF-8, which it has replaced.
	text, _ := jsontext.AppendUnquote(nil, value)
	return string(text)
}
