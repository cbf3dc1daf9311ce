package harness

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

// Raw is a misbehaving HTTP server: its handler gets the connection, after the handshake and the
// request's header.
type Raw struct {
	t       *testing.T
	URL, ca string
	token   string
	Posts   atomic.Int32
	// misplaced counts requests that do not have the token in one header, or
	// have it anywhere else.
	misplaced atomic.Int32
	// Arrived gets a value for each request.
	Arrived chan struct{}
}

// RawToken is the token for raw servers.
const RawToken = "0Vs1xO-test_token_qYb3kZ8wTn5RmGd7LhCj2PfUaE9"

// NewRaw starts a server. After each request, handle has its connection.
func NewRaw(t *testing.T, handle func(conn net.Conn, request *http.Request)) *Raw {
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
	if err := os.WriteFile(token, []byte(RawToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &Raw{t: t, URL: "https://" + listener.Addr().String() + "/code-manager", ca: ca.File, token: token, Arrived: make(chan struct{}, 1000)}
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

func (r *Raw) serve(conn net.Conn, handle func(net.Conn, *http.Request)) {
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
		if request.Method == http.MethodPost {
			r.Posts.Add(1)
		}
		r.Arrived <- struct{}{}
		handle(conn, request)
		if request.Close || request.Header.Get("X-Authentication") == "" {
			return
		}
	}
}

// carriesToken reports whether a request has the token only where it belongs. For the token
// service, that is a different place than for Code Manager.
func carriesToken(request *http.Request, body string) bool {
	uri, want := request.RequestURI, []string{RawToken}
	switch {
	case strings.HasSuffix(uri, "/v1/auth/token"):
		want = nil
	case strings.HasSuffix(uri, "/v2/auth/token/authenticate"):
		body, want = strings.Replace(body, RawToken, "", 1), nil
	case request.Method == http.MethodDelete:
		body = strings.Replace(body, RawToken, "", 1)
	}
	rest := uri + "\n" + body
	for name, values := range request.Header {
		if name != "X-Authentication" {
			rest += "\n" + name + ": " + strings.Join(values, "\n")
		}
	}
	return slices.Equal(request.Header["X-Authentication"], want) && Leaked(rest, RawToken) == ""
}

// Network gives the raw server the methods of a network.
func (r *Raw) Network() *Network {
	return &Network{T: r.t, Raw: r, URL: r.URL, CAFile: r.ca, TokenFile: r.token}
}

// Start runs puppet-code against the server.
func (r *Raw) Start(args ...string) (*Network, *Client) {
	n := r.Network()
	return n, n.Start(args...)
}

// Reply writes an answer.
func Reply(w io.Writer, status, headers, body string) {
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
}
