package r10k

import (
	"bytes"
	"strings"
)

// head keeps the first bytes that are written to it.
type head struct {
	limit int
	text  bytes.Buffer
	cut   bool
}

func (h *head) Write(text []byte) (int, error) {
	room := h.limit - h.text.Len()
	h.cut = h.cut || len(text) > room
	h.text.Write(text[:min(room, len(text))])
	return len(text), nil
}

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
		// The first word is cut short, too, and may be the rest of a password.
		return "…" + text[max(strings.IndexAny(text, " \t\n"), 0):]
	}
	return text
}
