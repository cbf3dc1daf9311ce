package cli

import (
	"bytes"
	"io"
	"sync"
)

// redactor is standard error without the token: some proxies show the headers
// of a request in their error pages.
type redactor struct {
	w      io.Writer
	mutex  sync.Mutex
	secret []byte
}

// hide tells the redactor what to leave out from now on.
func (r *redactor) hide(secret string) {
	if r == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.secret = []byte(secret)
}

// Write writes all of p, but for the secret. Texts come whole, a line at a
// time, so that a secret is never in two of them.
func (r *redactor) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	text := p
	if len(r.secret) > 0 {
		text = bytes.ReplaceAll(p, r.secret, []byte("<redacted>"))
	}
	if _, err := r.w.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}
