// Package jsonread reads JSON from servers, leniently and with limited memory.
package jsonread

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Lenient accepts text that r10k passed on from remotes in other encodings: bytes that are not UTF-8
// become U+FFFD, and the answer is not lost.
var Lenient = jsontext.AllowInvalidUTF8(true)

// MaxValue is the maximum size in bytes of a value that the decoder must buffer.
const MaxValue = 16 << 20

// ErrValueTooLarge is a value of more than MaxValue.
var ErrValueTooLarge = errors.New("a value has more than 16 MB")

// NewDecoder reads JSON from in. By default it allows duplicate names in an object, because the
// check is too slow.
func NewDecoder(in io.Reader, opts ...jsontext.Options) *jsontext.Decoder {
	bounded := &boundedReader{in: in}
	bounded.decoder = jsontext.NewDecoder(bounded, append([]jsontext.Options{Lenient, jsontext.AllowDuplicateNames(true)}, opts...)...)
	return bounded.decoder
}

// boundedReader fails once the decoder buffers too much of one value.
type boundedReader struct {
	in      io.Reader
	decoder *jsontext.Decoder
	read    int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.read-b.decoder.InputOffset() > MaxValue {
		return 0, ErrValueTooLarge
	}
	n, err := b.in.Read(p)
	b.read += int64(n)
	return n, err
}
