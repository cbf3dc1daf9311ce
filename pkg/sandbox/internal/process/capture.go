package process

import (
	"bytes"
	"fmt"
	"strings"
)

// Buffer keeps the output of a program, up to a limit in bytes. More output is an error. (It is not
// a bytes.Buffer, which would be filled without a limit.)
type Buffer struct {
	Limit int
	text  bytes.Buffer
	// err says that there was more.
	err error
}

func (b *Buffer) Write(text []byte) (int, error) {
	if b.text.Len()+len(text) > b.Limit {
		b.err = fmt.Errorf("it printed more than %d bytes", b.Limit)
		return 0, b.err
	}
	return b.text.Write(text)
}

// Bytes is the output.
func (b *Buffer) Bytes() []byte { return b.text.Bytes() }

func (b *Buffer) String() string { return b.text.String() }

// tail keeps the last bytes that are written to it: the cause comes last.
type tail struct {
	limit int
	text  []byte
	cut   bool
}

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if excess := len(t.text) - t.limit; excess > 0 {
		t.cut = true
		t.text = append(t.text[:0], t.text[excess:]...)
	}
	return len(text), nil
}

func (t *tail) String() string {
	text := strings.ToValidUTF8(string(t.text), "\uFFFD")
	if t.cut {
		// The first word is incomplete, and may be the rest of a password.
		return "…" + text[max(strings.IndexAny(text, " \t\n"), 0):]
	}
	return text
}
