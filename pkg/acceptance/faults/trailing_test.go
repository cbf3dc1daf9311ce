package faults

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

// net/http logs bytes after a complete answer through the standard library. Without a filter, a
// token that a server echoes there would appear on standard error.
func TestBytesAfterAnAnswer(t *testing.T) {
	t.Parallel()
	var r *harness.Raw
	r = harness.NewRaw(t, func(conn net.Conn, _ *http.Request) {
		const queued = `{"environment":"production","queued-at":"2031-07-09T10:00:00.000Z","id":7}`
		status := `{"deploys-status":{"new":[],"queued":[` + queued + `],"deploying":[],"failed":[]},` +
			`"file-sync-storage-status":{"deployed":[]},"file-sync-client-status":{"all-synced":true,"file-sync-clients":{}}}`
		if r.Requests.Load() > 1 {
			const staged = `{"environment":"production","date":"2031-07-09T10:00:01Z","deploy-signature":"c"}`
			status = strings.Replace(strings.Replace(status, queued, "", 1), `"deployed":[]`, `"deployed":[`+staged+`]`, 1)
		}
		var text strings.Builder
		harness.Reply(&text, "200 OK", "", status)
		// One write: the bytes are there when the answer ends, and no request is under way.
		_, _ = io.WriteString(conn, text.String()+"X-Authentication: "+harness.RawToken+"\r\n")
	})
	n, c := r.Start("status", "deploys", "--watch", "--format", "json", "--log-level", "none", "--quiet")
	n.EndWith(c, 0)
	if asked := r.Requests.Load(); asked < 2 {
		t.Errorf("it asked %d times", asked)
	}
	if c.Stderr.String() != "" {
		t.Errorf("standard error has:\n%s", &c.Stderr)
	}
}
