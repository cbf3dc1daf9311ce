package cli

import (
	"bytes"
	"io"
	"sync"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

// secrets removes the token and other hidden texts from both streams: some proxies repeat the
// headers of a request in their answer.
type secrets struct{ out, err *redactor }

// shortestSecret is the length in bytes from which a secret is removed from standard output. A
// shorter token could be a name in a result. Real tokens have 44 bytes and more.
const shortestSecret = 16

// hide adds a text to remove from now on.
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

// redactor is a stream that removes secrets. Once it has secrets it writes only whole lines, to
// find a secret that arrives in several pieces.
type redactor struct {
	w       io.Writer
	mutex   sync.Mutex
	hidden  []string
	secrets redact.Secrets
	// begun is an incomplete line.
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

// Write writes the complete lines.
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

// write writes the incomplete line.
func (r *redactor) write() error {
	_, err := io.WriteString(r.w, r.secrets.Text(string(r.begun)))
	r.begun = r.begun[:0]
	return err
}

// flush writes a last line without a line end. Its errors are those of the stream.
func (r *redactor) flush() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.begun) > 0 {
		_ = r.write()
	}
}

// frameStream is the same stream for a view, which writes whole frames that need not end with a line
// end.
type frameStream struct{ *redactor }

func (s frameStream) Write(p []byte) (int, error) {
	n, err := s.redactor.Write(p)
	s.flush()
	return n, err
}
