package cli

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
)

// secrets keeps tokens out of both streams: some proxies show the headers of
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

// redactor is a stream without some secrets.
type redactor struct {
	w       io.Writer
	mutex   sync.Mutex
	secrets [][]byte
	// held is what a secret may begin with, until more is written.
	held []byte
}

func (r *redactor) hide(secret string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if secret != "" && !slices.ContainsFunc(r.secrets, func(known []byte) bool { return string(known) == secret }) {
		r.secrets = append(r.secrets, []byte(secret))
	}
}

func (r *redactor) has(text string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.ContainsFunc(r.secrets, func(secret []byte) bool { return bytes.Contains([]byte(text), secret) })
}

// redact is a text without the secrets.
func (r *redactor) redact(text string) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, string(secret), "<redacted>")
	}
	return text
}

// Write writes all of p, but for the secrets, and the beginning of one at the end
// of p.
func (r *redactor) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.secrets) == 0 {
		return r.w.Write(p)
	}
	text := p
	if len(r.held) > 0 {
		text = slices.Concat(r.held, p)
	}
	for _, secret := range r.secrets {
		text = bytes.ReplaceAll(text, secret, []byte("<redacted>"))
	}
	begun := len(text) - r.begun(text)
	if _, err := r.w.Write(text[:begun]); err != nil {
		return 0, err
	}
	r.held = append([]byte(nil), text[begun:]...)
	return len(p), nil
}

// begun is how many bytes at the end of a text a secret may begin with.
func (r *redactor) begun(text []byte) int {
	most := 0
	for _, secret := range r.secrets {
		for n := min(len(secret)-1, len(text)); n > most; n-- {
			if bytes.HasSuffix(text, secret[:n]) {
				most = n
			}
		}
	}
	return most
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
