package codemanager_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

func resetConn(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// resetByPeer matches the texts of all systems for a connection reset. Windows may see only its end.
var resetByPeer = map[bool]string{true: "EOF|"}[runtime.GOOS == "windows"] + "(?i:connection reset by peer|forcibly closed|was aborted)"

// After any fault of a connection, a deployment ends in time, and its error says whether it was sent.
func TestConnectionFaults(t *testing.T) {
	forever := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	for name, test := range map[string]struct {
		// handle has the connection before the handshake.
		handle func(conn net.Conn)
		want   string
	}{
		"reset at connect":       {resetConn, resetByPeer},
		"closed at connect":      {func(net.Conn) {}, "EOF|" + resetByPeer},
		"no handshake":           {forever, "TLS handshake timeout"},
		"reset in the handshake": {func(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 100)); resetConn(conn) }, resetByPeer},
		"an alert":               {func(conn net.Conn) { _, _ = io.WriteString(conn, "\x15\x03\x03\x00\x02\x02\x28"); forever(conn) }, "handshake failure"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := codemanager.New(codemanager.Options{BaseURL: "https://" + listen(t, test.handle), ConnectTimeout: 400 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
			if broken, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || broken.Sent || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("%v, want not sent and %q", err, test.want)
			}
		})
	}
}

// listen gives each connection to handle, and returns its address.
func listen(t *testing.T, handle func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// A server may close an idle connection at any moment. A deployment gets a connection of its own, or
// nobody could tell whether it arrived.
func TestDeploymentHasAFreshConnection(t *testing.T) {
	var mutex sync.Mutex
	used := map[string]bool{}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		if used[r.RemoteAddr] && r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		used[r.RemoteAddr] = true
		if r.Method == http.MethodGet {
			answers(200, "application/json", `{"deploys-status":{}}`)(w, r)
			return
		}
		answers(200, "application/json", `[{"environment":"a","status":"complete"}]`)(w, r)
	})
	for range 3 {
		if _, err := client.DeploysStatus(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true}); err != nil {
			t.Fatal(err)
		}
	}
}

// The client uses HTTP/1.1 even with servers that support HTTP/2, and sends no request to a server
// that requires HTTP/2.
func TestHTTP2Servers(t *testing.T) {
	for name, test := range map[string]struct {
		http1, http2 bool
		// protocols are those that the handshake insists on.
		protocols []string
	}{
		"both":                 {true, true, nil},
		"HTTP/1.1":             {true, false, nil},
		"HTTP/2":               {false, true, nil},
		"HTTP/2, said in time": {false, false, []string{"h2-only"}},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if r.Proto != "HTTP/1.1" {
					t.Errorf("%s is spoken", r.Proto)
				}
				answers(200, "application/json", `[{"environment":"a","status":"complete"}]`)(w, r)
			}))
			server.Config.Protocols = new(http.Protocols)
			server.Config.Protocols.SetHTTP2(test.http2)
			server.Config.Protocols.SetHTTP1(test.http1)
			server.EnableHTTP2 = test.http2
			if test.protocols != nil {
				server.TLS = &tls.Config{NextProtos: test.protocols}
			}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			_, err := clientOf(t, server, codemanager.Options{}).Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
			if (err == nil) != test.http1 || requests.Load() == 1 != test.http1 {
				t.Errorf("%d requests, %v", requests.Load(), err)
			}
			broken, ok := errors.AsType[*codemanager.ConnectionError](err)
			if !test.http1 && !ok || test.protocols != nil && (broken.Sent || !strings.Contains(err.Error(), "no application protocol")) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}
