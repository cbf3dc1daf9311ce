//go:build unix

package faults

import (
	"compress/gzip"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

// fault is a server with a fault, and the expected end of a deployment.
type fault struct {
	handle func(conn net.Conn, request *http.Request)
	args   string
	status int
	want   string
}

// bomb is a gigabyte in gzip: the same part a thousand times.
var bomb = sync.OnceValue(func() string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	return strings.Repeat(b.String(), 1<<10)
})

// reset ends a connection with a reset instead of a proper end.
func reset(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// faults are all faults after a request has arrived. Those with --timeout in their arguments would
// never end.
func faults() map[string]fault {
	return map[string]fault{
		"closes in the headers": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Ty")
				_ = conn.Close()
			},
			"deploy production", 8, "The deployment may be running",
		},
		"resets in the body": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{\"environment\":\"production\"")
				reset(conn)
			},
			"deploy production", 8, "The deployment may be running",
		},
		"speaks no HTTP": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
				_ = conn.Close()
			},
			"deploy production", 8, "malformed HTTP",
		},
		"accepts and never answers": {
			func(conn net.Conn, request *http.Request) {
				if request.Method == http.MethodGet { // the look before the request
					harness.Reply(conn, "404 Not Found", "", "")
					return
				}
				_, _ = io.Copy(io.Discard, conn)
			},
			"deploy production --timeout 2s", 6, "timed out after 2s (--timeout)",
		},
		"sends 100 MB of headers": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
				line := "X-Much: " + strings.Repeat("x", 1000) + "\r\n"
				for range 100_000 {
					if _, err := io.WriteString(conn, line); err != nil {
						return
					}
				}
			},
			"deploy production", 8, "headers",
		},
		"sends a body of 2 GB": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n[\"")
				block := strings.Repeat("x", 1<<20)
				for range 2048 {
					if _, err := io.WriteString(conn, block); err != nil {
						return
					}
				}
			},
			"deploy production", 1, "more than 64 MB",
		},
		"sends a gzip bomb": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "200 OK", "Content-Encoding: gzip\r\n", bomb())
			},
			"deploy production", 1, "expected JSON, got",
		},
		"redirects to plain HTTP": {
			func(conn net.Conn, request *http.Request) {
				harness.Reply(conn, "307 Temporary Redirect", "Location: http://"+request.Host+"/code-manager/v1/deploys\r\n", "")
			},
			"deploy production", 1, "a redirect to \"http://",
		},
		"has a status line and a redirect for the terminal": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "307 \x1b[2J\a", "Location: https://x/\u202e\xff\r\n", "")
			},
			"deploy production", 1, `a redirect to "https://x/\u202e\xff"`,
		},
		"speaks no HTTP, but to the terminal": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "\x1b[2J\a\u202e\xff\r\n")
				_ = conn.Close()
			},
			"deploy production", 8, "malformed HTTP",
		},
		"gives the token back": {
			func(conn net.Conn, request *http.Request) {
				giveBack(conn, request, "401 Unauthorized", harness.RawToken)
			},
			"deploy production", 4, "<redacted>",
		},
		"gives the token back as a result": {
			func(conn net.Conn, request *http.Request) { giveBack(conn, request, "200 OK", harness.RawToken) },
			"deploy production", 3, "<redacted>",
		},
		"gives the token back where the headers are": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 307 "+harness.RawToken+"\r\nLocation: https://x/"+harness.RawToken+"\r\nContent-Length: 0\r\n\r\n")
			},
			"deploy production", 1, "<redacted>",
		},
		"gives the token back in the place of HTTP": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, harness.RawToken+" "+harness.RawToken+"\r\n")
				_ = conn.Close()
			},
			"deploy production", 8, "<redacted>",
		},
		"gives a part of the token back": {
			func(conn net.Conn, request *http.Request) {
				giveBack(conn, request, "401 Unauthorized", harness.RawToken[9:30])
			},
			"deploy production", 4, "<redacted>",
		},
		"gives the token back where an error is cut": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "502 Bad Gateway", "", strings.Repeat("x", 157)+harness.RawToken+"</html>")
			},
			"deploy production", 8, "<redacted>",
		},
		"says more after its answer": {
			func(conn net.Conn, _ *http.Request) {
				var b strings.Builder
				harness.Reply(&b, "401 Unauthorized", "", `{"kind":"k","msg":"m"}`)
				// In one write: the bytes are there when the answer ends.
				_, _ = io.WriteString(conn, b.String()+"X-Authentication: "+harness.RawToken+"\r\n")
			},
			"deploy production", 4, "[401] m",
		},
		"writes to the terminal": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "401 Unauthorized", "", "{\"kind\":\"k\",\"msg\":\"a\\u001b[2Jb\\u202ec\",\"details\":\"\\u0007\"}")
			},
			"deploy production", 4, `a\x1b[2Jb\u202ec`,
		},
	}
}

// giveBack answers with a token in every name and text.
func giveBack(conn net.Conn, request *http.Request, status, token string) {
	deployment := strings.ReplaceAll(`{"environment":"T","status":"T","queued-at":"T","deploy-signature":"T","error":{"msg":"T"}}`, "T", token)
	var body string
	switch {
	case status != "200 OK":
		body = strings.ReplaceAll(`{"kind":"T","msg":"T","details":{"T":"T"}}`, "T", token)
	case strings.HasSuffix(request.URL.Path, "/deploys/status"):
		body = `{"deploys-status":{"failed":[` + deployment + `],"deploying":[` + deployment + `]},"file-sync-storage-status":{"deployed":[` +
			deployment + `]},"file-sync-client-status":{"file-sync-clients":{"` + token + `":{"deployed":[` + deployment + `]}}}}`
	case strings.HasSuffix(request.URL.Path, "/status"):
		body = strings.ReplaceAll(`{"state":"T","status":{"file_sync":"T","services":{"T":"T"}},"alerts":["T"]}`, "T", token)
	default:
		body = "[" + deployment + "]"
	}
	harness.Reply(conn, status, "", body)
}
