package acceptance

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// raw is a misbehaving HTTP server: its handler gets the connection, after the handshake and the
// request's header.
type raw struct {
	t        *testing.T
	url, ca  string
	token    string
	requests atomic.Int32
	posts    atomic.Int32
	// misplaced counts requests that do not have the token in one header, or
	// have it anywhere else.
	misplaced atomic.Int32
	// arrived gets a value for each request.
	arrived chan struct{}
}

// rawToken is the token for raw servers.
const rawToken = "0Vs1xO-test_token_qYb3kZ8wTn5RmGd7LhCj2PfUaE9"

func newRaw(t *testing.T, handle func(conn net.Conn, request *http.Request)) *raw {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := testtls.Template("good")
	if err != nil {
		t.Fatal(err)
	}
	config, err := ca.Config(template)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(rawToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &raw{t: t, url: "https://" + listener.Addr().String() + "/code-manager", ca: ca.File, token: token, arrived: make(chan struct{}, 1000)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(conn, handle)
		}
	}()
	return r
}

func (r *raw) serve(conn net.Conn, handle func(net.Conn, *http.Request)) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(request.Body)
		if !carriesToken(request, string(body)) {
			r.misplaced.Add(1)
		}
		r.requests.Add(1)
		if request.Method == http.MethodPost {
			r.posts.Add(1)
		}
		r.arrived <- struct{}{}
		handle(conn, request)
		if request.Close || request.Header.Get("X-Authentication") == "" {
			return
		}
	}
}

// carriesToken reports whether a request has the token only where it belongs. For the token
// service, that is a different place than for Code Manager.
func carriesToken(request *http.Request, body string) bool {
	uri, want := request.RequestURI, []string{rawToken}
	switch {
	case strings.HasSuffix(uri, "/v1/auth/token"):
		want = nil
	case strings.HasSuffix(uri, "/v2/auth/token/authenticate"):
		body, want = strings.Replace(body, rawToken, "", 1), nil
	case request.Method == http.MethodDelete:
		body = strings.Replace(body, rawToken, "", 1)
	}
	rest := uri + "\n" + body
	for name, values := range request.Header {
		if name != "X-Authentication" {
			rest += "\n" + name + ": " + strings.Join(values, "\n")
		}
	}
	return slices.Equal(request.Header["X-Authentication"], want) && leaked(rest, rawToken) == ""
}

// network gives the raw server the methods of a network.
func (r *raw) network() *network {
	return &network{t: r.t, raw: r, url: r.url, caFile: r.ca, tokenFile: r.token}
}

func (r *raw) start(args ...string) (*network, *client) {
	n := r.network()
	return n, n.start(args...)
}

const running = `{"state":"running","status":{"file_sync":"enabled","services":{"file-sync-storage":"running"}}}`

func reply(w io.Writer, status, headers, body string) {
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
}
