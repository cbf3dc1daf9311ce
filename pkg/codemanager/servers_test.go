package codemanager_test

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// answersAt answers with this Date.
func answersAt(date, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date)
		answers(200, "application/json", body)(w, r)
	}
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
	return client
}
