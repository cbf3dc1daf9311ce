package cli

import (
	"bytes"
	"io"
	"sync"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

// secrets keeps the token, and whatever else is hidden, out of both streams: some proxies show the
// headers of a request in what they answer.
type secrets struct{ out, err *redactor }

// shortestSecret is what standard output is searched for, in bytes: a result
// must not suffer from a token that could be a name. Real ones have 44 and more.
const shortestSecret = 16

// hide says what to leave out from now on, besides what it was told before.
func (s secrets) hide(secret string) {
	if s.err == nil {
		return
	}
	s.err.hide(secret)
	if len(secret) >= shortestSecret {
		s.out.hide(secret)
	}
}

// has reports whether a text has a secret in it.
func (s secrets) has(text string) bool { return s.out != nil && s.out.redact(text) != text }

// redactor is a stream without secrets. Once it has some it writes whole lines, so that a secret is
// seen that comes in several pieces.
type redactor struct {
	w       io.Writer
	mutex   sync.Mutex
	hidden  []string
	secrets *redact.Secrets
	// begun is a line without its end.
	begun []byte
}

func (r *redactor) hide(secret string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.hidden = append(r.hidden, secret)
	r.secrets = redact.New(r.hidden...)
}

// redact is a text without the secrets.
func (r *redactor) redact(text string) string {
	r.mutex.Lock()
	secrets := r.secrets
	r.mutex.Unlock()
	return secrets.Text(text)
}

// Write writes the lines that are whole.
func (r *redactor) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	end := bytes.LastIndexByte(p, '\n') + 1
	if r.secrets == nil {
		end = len(p)
	}
	if end > 0 {
		r.begun = append(r.begun, p[:end]...)
		if err := r.write(); err != nil {
			return 0, err
		}
	}
	r.begun = append(r.begun, p[end:]...)
	return len(p), nil
}

// write writes what is begun.
func (r *redactor) write() error {
	text := r.secrets.Text(string(r.begun))
	r.begun = r.begun[:0]
	_, err := io.WriteString(r.w, text)
	return err
}

// flush writes a line that has no end: nothing more comes. Its errors are the stream's.
func (r *redactor) flush() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.begun) > 0 {
		_ = r.write()
	}
}

// screen is the same stream for a view, which writes a whole picture at a time and ends it anywhere.
type screen struct{ *redactor }

func (s screen) Write(p []byte) (int, error) {
	n, err := s.redactor.Write(p)
	s.flush()
	return n, err
}
