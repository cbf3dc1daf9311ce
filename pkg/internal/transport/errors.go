package transport

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ShapeError is JSON that is not of the expected shape.
type ShapeError string

func (e ShapeError) Error() string { return string(e) }

// plainJSONError describes a JSON error without naming Go types.
func plainJSONError(err error) error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("the JSON is cut off after %d bytes", syntax.ByteOffset)
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Errorf("the name %q comes twice in one object", syntax.JSONPointer.LastToken())
		}
		return fmt.Errorf("invalid JSON at byte %d: %w", syntax.ByteOffset, syntax.Err)
	}
	// A method UnmarshalJSON has an error of its own, with a pointer into its value.
	at, kind := "", jsontext.Kind(0)
	for semantic, ok := errors.AsType[*json.SemanticError](err); ok; semantic, ok = errors.AsType[*json.SemanticError](semantic.Err) {
		at, kind = at+string(semantic.JSONPointer), semantic.JSONKind
	}
	if kind != 0 {
		return fmt.Errorf("unexpected value at %s: %s", cmp.Or(at, "the top"), KindName(kind))
	}
	return err
}

// KindName names a kind of JSON value in a sentence: an object, a string.
func KindName(kind jsontext.Kind) string {
	names := map[jsontext.Kind]string{
		'n': "null", 't': "a boolean", 'f': "a boolean", '"': "a string", '0': "a number",
		'{': "an object", '[': "an array", ']': "an empty array",
	}
	if name, ok := names[kind]; ok {
		return name
	}
	return "text that is not JSON"
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
