package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
)

// secrets keeps the token out of both streams: some proxies show the headers of
// a request in what they answer.
type secrets struct{ out, err *redactor }

// shortestSecret is what standard output is searched for, in bytes: a result
// must not suffer from a token that could be a name. Real ones have 44 and more.
const shortestSecret = 16

// hide says what to leave out from now on.
func (s secrets) hide(secret string) {
	if s.err == nil {
		return
	}
	s.err.hide(secret)
	if len(secret) >= shortestSecret {
		s.out.hide(secret)
	}
}

// has reports whether a text has the token in it.
func (s secrets) has(text string) bool { return s.out != nil && s.out.has(text) }

// redactor is a stream without a secret.
type redactor struct {
	w      io.Writer
	mutex  sync.Mutex
	secret []byte
	// held is what the secret may begin with, until more is written.
	held []byte
}

func (r *redactor) hide(secret string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.secret = []byte(secret)
}

func (r *redactor) has(text string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.secret) > 0 && bytes.Contains([]byte(text), r.secret)
}

// redact is a text without the secret.
func (r *redactor) redact(text string) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.secret) == 0 {
		return text
	}
	return strings.ReplaceAll(text, string(r.secret), "<redacted>")
}

// Write writes all of p, but for the secret, and its beginning at the end of p.
func (r *redactor) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.secret) == 0 {
		return r.w.Write(p)
	}
	text := p
	if len(r.held) > 0 {
		text = slices.Concat(r.held, p)
	}
	if bytes.Contains(text, r.secret) {
		text = bytes.ReplaceAll(text, r.secret, []byte("<redacted>"))
	}
	begun := len(text) - r.begun(text)
	if _, err := r.w.Write(text[:begun]); err != nil {
		return 0, err
	}
	r.held = append([]byte(nil), text[begun:]...)
	return len(p), nil
}

// begun is how many bytes at the end of a text the secret may begin with.
func (r *redactor) begun(text []byte) int {
	for n := min(len(r.secret)-1, len(text)); n > 0; n-- {
		if bytes.HasSuffix(text, r.secret[:n]) {
			return n
		}
	}
	return 0
}

// flush writes what is held: nothing more comes. Its errors are the stream's.
func (r *redactor) flush() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.held) > 0 {
		_, _ = r.w.Write(r.held)
		r.held = nil
	}
}
