//go:build unix

package faults

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// spy is a proxy that records everything that it receives.
type spy struct {
	address string
	mutex   sync.Mutex
	got     bytes.Buffer
}

// Read records the data of a connection.
type overheard struct {
	net.Conn
	spy *spy
}

func (o overheard) Read(p []byte) (int, error) {
	n, err := o.Conn.Read(p)
	o.spy.mutex.Lock()
	defer o.spy.mutex.Unlock()
	o.spy.got.Write(p[:n])
	return n, err
}

func (s *spy) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.got.String()
}

// newSpy starts a proxy whose handler has the connection after a CONNECT.
func newSpy(t *testing.T, handle func(conn net.Conn, request *http.Request)) *spy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &spy{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				heard := overheard{conn, s}
				if request, err := http.ReadRequest(bufio.NewReader(heard)); err == nil {
					handle(heard, request)
					_, _ = io.Copy(io.Discard, heard)
				}
			}()
		}
	}()
	return s
}

const connected = "HTTP/1.1 200 Connection established\r\n\r\n"

// A misbehaving proxy gets neither the token nor the request, and its own password is in no output.
func TestProxiesGetNoToken(t *testing.T) {
	foreign, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := testtls.Template("other") // for primary.example.com
	if err != nil {
		t.Fatal(err)
	}
	intercepting, err := foreign.Config(template)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		handle func(conn net.Conn, request *http.Request)
		want   string
	}{
		"asks for credentials": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"x\"\r\n", "<html>")
			},
			"(HTTPS_PROXY): it returned 407 Proxy Authentication Required",
		},
		"asks for other credentials, and closes": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "407 \u202e", "Proxy-Authenticate: Negotiate\r\nConnection: close\r\n", "")
				_ = conn.Close()
			},
			`it returned 407 \u202e`,
		},
		"asks for the token": {
			func(conn net.Conn, _ *http.Request) {
				harness.Reply(conn, "401 Unauthorized", "WWW-Authenticate: X-Authentication\r\n", "")
			},
			"it returned 401 Unauthorized",
		},
		"answers in the server's place": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, connected)
				_, _ = io.ReadFull(conn, make([]byte, 5))
				harness.Reply(conn, "200 OK", "", "[]")
			},
			"the server speaks plain HTTP on that port, not TLS",
		},
		"intercepts, with a certificate for the name": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, connected)
				secure := tls.Server(conn, intercepting)
				defer secure.Close()
				_ = secure.Handshake()
				_, _ = io.Copy(conn.(overheard).spy, secure)
			},
			"the certificate of primary.example.com could not be verified: it is not signed by a trusted authority",
		},
		"closes": {
			func(conn net.Conn, _ *http.Request) { _ = conn.Close() },
			"(HTTPS_PROXY): unexpected EOF",
		},
		"resets in the tunnel": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, connected)
				reset(conn.(overheard).Conn)
			},
			"no answer to ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := newSpy(t, test.handle)
			n := harness.NewRaw(t, func(net.Conn, *http.Request) {}).Network()
			n.URL = "https://primary.example.com:8170/code-manager"
			n.Env = []string{"HTTPS_PROXY=http://ann:geheim@" + proxy.address, "NO_PROXY=", "no_proxy="}
			password := base64.StdEncoding.EncodeToString([]byte("ann:geheim"))
			for _, line := range []string{"deploy production --wait", "status", "status deploys"} {
				c := n.Start(append(strings.Fields(line), "--log-level", "trace", "--retries", "0")...)
				n.End(c, 5)
				if !strings.Contains(c.Stderr.String(), test.want) {
					t.Errorf("%s: lacks %q:\n%s", line, test.want, &c.Stderr)
				}
				presentable(t, c)
				if strings.Contains(c.Stderr.String(), "geheim") || strings.Contains(c.Stderr.String(), password) {
					t.Errorf("%s: the proxy's password is in the output:\n%s", line, &c.Stderr)
				}
				if strings.Contains(c.Stderr.String(), "may go on") {
					t.Errorf("%s: nothing was sent:\n%s", line, &c.Stderr)
				}
			}
			got := proxy.String()
			if !strings.HasPrefix(got, "CONNECT primary.example.com:8170 HTTP/1.1\r\n") || !strings.Contains(got, password) {
				t.Errorf("the proxy was sent %.300q", got)
			}
			for _, secret := range []string{harness.RawToken, "X-Authentication", "/code-manager", "production"} {
				if strings.Contains(got, secret) {
					t.Errorf("the proxy has %q", secret)
				}
			}
		})
	}
}

// Write records the decrypted data for the proxy itself.
func (s *spy) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.got.Write(p)
}
