package codemanager_test

import (
	"io"
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
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	})
}
