package codemanager_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
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

	"go.uber.org/goleak"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// hostile is a server with a function for each connection. Stop ends it and all its goroutines.
type hostile struct {
	address string
	stop    func()
}

func newHostile(t *testing.T, config *tls.Config, handle func(conn net.Conn)) hostile {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var mutex sync.Mutex
	var conns []net.Conn
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mutex.Lock()
			conns = append(conns, conn)
			mutex.Unlock()
			running.Go(func() {
				defer conn.Close()
				if config != nil {
					secure := tls.Server(conn, config)
					request, err := http.ReadRequest(bufio.NewReader(secure))
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					handle(secure)
					_ = secure.Close()
					return
				}
				handle(conn)
			})
		}
	})
	return hostile{listener.Addr().String(), func() {
		_ = listener.Close()
		mutex.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mutex.Unlock()
		running.Wait()
	}}
}

func newAuthority(t *testing.T) *testtls.Authority {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func certificateFor(t *testing.T, ca *testtls.Authority, name string) *tls.Config {
	t.Helper()
	config, err := ca.Config(x509.Certificate{DNSNames: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func resetConn(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// resetByPeer matches the texts of all systems for a connection reset. Windows may see only its end.
var resetByPeer = map[bool]string{true: "EOF|"}[runtime.GOOS == "windows"] + "(?i:connection reset by peer|forcibly closed|was aborted)"

// After any fault of a connection, the request ends in time, the error says whether it was sent,
// and no goroutine is left.
func TestConnectionFaults(t *testing.T) {
	forever := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	for name, test := range map[string]struct {
		plain  bool // the handler has the connection before the handshake
		handle func(conn net.Conn)
		sent   bool
		want   string // of either
	}{
		"reset at connect":         {true, resetConn, false, resetByPeer},
		"closed at connect":        {true, func(net.Conn) {}, false, "EOF|" + resetByPeer},
		"no handshake":             {true, forever, false, "TLS handshake timeout"},
		"reset in the handshake":   {true, func(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 100)); resetConn(conn) }, false, resetByPeer},
		"half a handshake":         {true, func(conn net.Conn) { _, _ = io.WriteString(conn, "\x16\x03\x03\x00\x50\x02\x00"); forever(conn) }, false, "TLS handshake timeout"},
		"an alert":                 {true, func(conn net.Conn) { _, _ = io.WriteString(conn, "\x15\x03\x03\x00\x02\x02\x28"); forever(conn) }, false, "handshake failure"},
		"closed after the request": {false, func(net.Conn) {}, true, "EOF|" + resetByPeer},
		"no answer":                {false, forever, true, "did not answer within 1s"},
		"half a status line":       {false, func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 2"); forever(conn) }, true, "did not answer within 1s"},
		"headers without an end": {false, func(conn net.Conn) {
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			for i := 0; err == nil; i++ {
				_, err = fmt.Fprintf(conn, "X-%d: y\r\n", i)
				<-time.After(time.Millisecond)
			}
		}, true, "did not answer within 1s"},
		"interim answers without an end": {false, func(conn net.Conn) {
			var err error
			for err == nil {
				_, err = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\n\r\n")
				<-time.After(time.Millisecond)
			}
		}, true, "did not answer within 1s"},
		"a body without an end": {false, func(conn net.Conn) {
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n[")
			for err == nil {
				_, err = io.WriteString(conn, " ")
				<-time.After(time.Millisecond)
			}
		}, true, "did not answer within 1s"},
		"chunks that are none": {false, func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		}, true, "invalid byte in chunk length"},
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			ca := newAuthority(t)
			config := certificateFor(t, ca, "localhost")
			if test.plain {
				config = nil
			}
			server := newHostile(t, config, test.handle)
			client, err := codemanager.New(codemanager.Options{
				BaseURL: "https://" + strings.Replace(server.address, "127.0.0.1", "localhost", 1) + "/code-manager", Token: token,
				TLS:            trust(t, ca.File),
				ConnectTimeout: 400 * time.Millisecond, ReadTimeout: time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			ask := map[string]func() error{
				"GET": func() error { _, err := client.Status(t.Context()); return err },
				"POST": func() error {
					_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
					return err
				},
			}
			if strings.Contains(test.want, "did not") {
				delete(ask, "POST") // without a time limit
			}
			for method, ask := range ask {
				broken, ok := errors.AsType[*codemanager.ConnectionError](ask())
				if !ok || broken.Sent != test.sent || !regexp.MustCompile(test.want).MatchString(broken.Error()) {
					t.Errorf("%s: %v, want sent %t and %q", method, broken, test.sent, test.want)
				}
			}
			server.stop()
			goleak.VerifyNone(t, before)
		})
	}
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
