package codemanager_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// recordURL sends the address of each request to a channel.
func recordURL(asked chan<- string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		next(w, r)
	}
}

// answersAt answers with this Date.
func answersAt(date, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date)
		answers(200, "application/json", body)(w, r)
	}
}

// breaksOff closes the connection before the end of the body.
func breaksOff(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// writesForEver repeats a text until the client leaves.
func writesForEver(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		block := strings.Repeat(text, 1<<16)
		for {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	}
}

// endless returns a beginning, and then repeats a text for ever.
type endless struct {
	begin, text string
	// count is how many bytes were read.
	count int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.begin == "" {
		e.begin = strings.Repeat(e.text, max(1, 4096/len(e.text)))
	}
	n := copy(p, e.begin)
	e.begin = e.begin[n:]
	e.count += int64(n)
	return n, nil
}

// serveText answers each request with these bytes and closes the connection.
func serveText(t *testing.T, text string) *codemanager.Client {
	t.Helper()
	ca := newAuthority(t)
	server := newHostile(t, certificateFor(t, ca, "localhost"), func(conn net.Conn) { _, _ = io.WriteString(conn, text) })
	t.Cleanup(server.stop)
	_, port, _ := net.SplitHostPort(server.address)
	client, err := codemanager.New(codemanager.Options{
		BaseURL: "https://localhost:" + port + "/code-manager", Token: token, TLS: trust(t, ca.File),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
