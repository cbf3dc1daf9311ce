package codemanager_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// primaryName is a name that only the name server of the tests knows.
const primaryName = "primary.example.test"

// nameServer gives the addresses of every name.
type nameServer struct {
	mutex     sync.Mutex
	addresses [][4]byte
	asked     atomic.Int32
}

func (s *nameServer) set(addresses ...[4]byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.addresses = addresses
}

// newNameServer makes this process use a name server on the loopback interface. Tests that use it
// must not run in parallel.
func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil && runtime.GOOS == "windows" {
		t.Skipf("no UDP, as under wine: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{}
	var served sync.WaitGroup
	served.Go(func() { s.serve(conn) })
	system := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = system
		_ = conn.Close()
		served.Wait()
	})
	return s
}

func (s *nameServer) serve(conn net.PacketConn) {
	packet := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(packet[:n]) != nil || len(message.Questions) != 1 {
			continue
		}
		question := message.Questions[0]
		answer := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: message.ID, Response: true, RecursionAvailable: true},
			Questions: message.Questions,
		}
		if question.Type == dnsmessage.TypeA {
			s.asked.Add(1)
			s.mutex.Lock()
			for _, address := range s.addresses {
				answer.Answers = append(answer.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: address},
				})
			}
			s.mutex.Unlock()
		}
		if text, err := answer.Pack(); err == nil {
			_, _ = conn.WriteTo(text, from)
		}
	}
}

var first, second = [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2}

// onSecond listens on the second address, on the port of a server.
func onSecond(t *testing.T, server *httptest.Server) net.Listener {
	t.Helper()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", port))
	if err != nil {
		t.Skipf("the loopback has one address here: %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// named starts a server for primaryName, and returns a client that connects to this name.
func named(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *testtls.Authority, *codemanager.Client) {
	t.Helper()
	ca := newAuthority(t)
	server := httptest.NewUnstartedServer(handler)
	server.TLS = certificateFor(t, ca, primaryName)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	return server, ca, clientOf(t, server, codemanager.Options{
		BaseURL: "https://" + net.JoinHostPort(primaryName, port) + "/code-manager", TLS: trust(t, ca.File),
	})
}

func certificateFor(t *testing.T, ca *testtls.Authority, name string) *tls.Config {
	t.Helper()
	config, err := ca.Config(x509.Certificate{DNSNames: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// listens records everything that it receives, including decrypted data.
type listens struct {
	mutex sync.Mutex
	got   bytes.Buffer
	conns atomic.Int32
}

func (l *listens) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.got.Write(p)
}

func (l *listens) serve(listener net.Listener, config *tls.Config) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		l.conns.Add(1)
		go func() {
			defer conn.Close()
			if config != nil {
				conn = tls.Server(conn, config)
			}
			_, _ = io.CopyN(l, conn, 5)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
			_, _ = io.Copy(l, conn)
		}()
	}
}

// If a name resolves to another server between two requests, the token does not go there: each
// connection is verified.
func TestNameThatChangesBetweenRequests(t *testing.T) {
	for name, config := range map[string]func(ca *testtls.Authority) *tls.Config{
		"a certificate of another authority": func(*testtls.Authority) *tls.Config { return certificateFor(t, newAuthority(t), primaryName) },
		"a certificate for another name":     func(ca *testtls.Authority) *tls.Config { return certificateFor(t, ca, "puppetdb.example.test") },
		"plain HTTP":                         func(*testtls.Authority) *tls.Config { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			names := newNameServer(t)
			var posts atomic.Int32
			server, ca, client := named(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Connection", "close")
				if r.Method == http.MethodPost {
					posts.Add(1)
					panic(http.ErrAbortHandler) // from here on deploys/status is asked
				}
				answers(200, "application/json", `{"state":"running"}`)(w, r)
			})
			elsewhere := &listens{}
			go elsewhere.serve(onSecond(t, server), config(ca))
			names.set(first)
			if _, err := client.Status(t.Context()); err != nil {
				t.Fatal(err)
			}
			names.set(second)
			for what, ask := range map[string]func() error{
				"status": func() error { _, err := client.Status(t.Context()); return err },
				"deploys": func() error {
					_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
					return err
				},
				"deploys/status": func() error { _, err := client.DeploysStatus(t.Context()); return err },
			} {
				broken, ok := errors.AsType[*codemanager.ConnectionError](ask())
				if !ok || broken.Sent {
					t.Errorf("%s: %v", what, broken)
				}
			}
			// The connection of a deployment breaks, and the name has changed before the next
			// request.
			names.set(first)
			_, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true})
			if broken, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || !broken.Sent {
				t.Errorf("%T %v", err, err)
			}
			names.set(second)
			_, err = client.DeploysStatus(t.Context())
			if broken, ok := errors.AsType[*codemanager.ConnectionError](err); !ok || broken.Sent {
				t.Errorf("%T %v", err, err)
			}
			if elsewhere.conns.Load() < 4 {
				t.Errorf("%d connections came", elsewhere.conns.Load())
			}
			if posts.Load() != 1 {
				t.Errorf("%d deployments arrived", posts.Load())
			}
			elsewhere.mutex.Lock()
			defer elsewhere.mutex.Unlock()
			if got := elsewhere.got.String(); strings.Contains(got, token) || strings.Contains(got, "code-manager") {
				t.Errorf("it has %q", got)
			}
		})
	}
}

// If one of two addresses is dead, the other is used, and the deployment is sent once.
func TestNameWithADeadAddress(t *testing.T) {
	names := newNameServer(t)
	var posts atomic.Int32
	_, _, client := named(t, func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		w.Header().Set("Connection", "close")
		answers(200, "application/json", `[{"environment":"a","status":"complete"}]`)(w, r)
	})
	for i, addresses := range [][][4]byte{{first, second}, {second, first}} {
		names.set(addresses...)
		if _, err := client.Deploy(t.Context(), codemanager.DeployRequest{DeployAll: true}); err != nil {
			t.Errorf("%v: %v", addresses, err)
		}
		if got := int(posts.Load()); got != i+1 {
			t.Errorf("%v: %d deployments arrived", addresses, got)
		}
	}
	if names.asked.Load() < 2 {
		t.Errorf("the name was asked for %d times", names.asked.Load())
	}
}

// A name that no longer exists is not retried.
func TestUnknownHostIsNotRetried(t *testing.T) {
	names := newNameServer(t)
	_, _, client := named(t, answers(200, "application/json", `{"state":"running"}`))
	names.set()
	_, err := client.Status(t.Context())
	if dns, ok := errors.AsType[*net.DNSError](err); !ok || !dns.IsNotFound {
		t.Errorf("%v", err)
	}
}

func newAuthority(t *testing.T) *testtls.Authority {
	t.Helper()
	ca, err := testtls.NewAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}
