//go:build unix

package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
	"github.com/puppet-code/puppet-code/pkg/testtls"
)

// raw is a server that does what no HTTP server does: its handler has the
// connection, after the handshake and the request's head.
type raw struct {
	t        *testing.T
	url, ca  string
	token    string
	requests atomic.Int32
	posts    atomic.Int32
}

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
	if err := os.WriteFile(token, []byte("0Vs1xO-test_token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &raw{t: t, url: "https://" + listener.Addr().String() + "/code-manager", ca: ca.File, token: token}
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
		_, _ = io.Copy(io.Discard, request.Body)
		r.requests.Add(1)
		if request.Method == http.MethodPost {
			r.posts.Add(1)
		}
		handle(conn, request)
		if request.Close || request.Header.Get("X-Authentication") == "" {
			return
		}
	}
}

// network gives the raw server the methods of a network.
func (r *raw) start(args ...string) (*network, *client) {
	n := &network{t: r.t, url: r.url, caFile: r.ca, tokenFile: r.token}
	return n, n.start(args...)
}

const running = `{"state":"running","status":{"file_sync":"enabled","services":{"file-sync-storage":"running"}}}`

func reply(w io.Writer, status, headers, body string) {
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
}

// Whatever a server does, each request ends with one clear error and the right
// status, and a deployment arrives at most once.
func TestServersThatDoWhatNoServerDoes(t *testing.T) {
	for name, test := range map[string]struct {
		handle func(conn net.Conn, request *http.Request)
		args   string
		status int
		want   string
	}{
		"closes before the headers": {
			func(conn net.Conn, _ *http.Request) { _ = conn.Close() },
			"deploy production", 5, "The deployment was sent and may go on",
		},
		"closes in the headers": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Ty")
				_ = conn.Close()
			},
			"deploy production", 5, "The deployment was sent and may go on",
		},
		"closes in the body, with Content-Length": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{\"environment\":\"production\"")
				_ = conn.Close()
			},
			"deploy production", 5, "broke off after 28 bytes",
		},
		"closes in the body, in chunks": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\n[{\"environment\":\"production\"\r\n")
				_ = conn.Close()
			},
			"deploy production", 5, "broke off after 28 bytes",
		},
		"closes in the body, without Content-Length": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[{\"environment\":\"production\"")
				_ = conn.Close()
			},
			"deploy production", 1, "the JSON is cut off after 28 bytes",
		},
		"speaks no HTTP": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
				_ = conn.Close()
			},
			"deploy production", 5, "malformed HTTP",
		},
		"accepts and never answers": {
			func(conn net.Conn, _ *http.Request) { _, _ = io.Copy(io.Discard, conn) },
			"deploy production --timeout 500ms", 6, "not over within 500ms",
		},
		"sends a header now and then, for ever": {
			func(conn net.Conn, _ *http.Request) {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
				for i := 0; ; i++ {
					if _, err := fmt.Fprintf(conn, "X-%d: y\r\n", i); err != nil {
						return
					}
					<-time.After(50 * time.Millisecond)
				}
			},
			"deploy production --timeout 1s", 6, "not over within 1s",
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
			"deploy production", 5, "headers",
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
			"deploy production", 1, "say: more than 16 MB in one piece;",
		},
		"sends a gzip bomb": {
			func(conn net.Conn, _ *http.Request) {
				var b strings.Builder
				z := gzip.NewWriter(&b)
				for range 1000 {
					_, _ = z.Write(make([]byte, 1<<20))
				}
				_ = z.Close()
				reply(conn, "200 OK", "Content-Encoding: gzip\r\n", b.String())
			},
			"deploy production", 1, "something that is no JSON where an array is due",
		},
		"redirects to plain HTTP": {
			func(conn net.Conn, request *http.Request) {
				reply(conn, "307 Temporary Redirect", "Location: http://"+request.Host+"/code-manager/v1/deploys\r\n", "")
			},
			"deploy production", 1, "a redirect to \"http://",
		},
		"redirects to another port": {
			func(conn net.Conn, _ *http.Request) {
				reply(conn, "308 Permanent Redirect", "Location: https://127.0.0.1:1/\r\n", "")
			},
			"deploy production", 1, "a redirect to \"https://127.0.0.1:1/\"",
		},
		"writes to the terminal": {
			func(conn net.Conn, _ *http.Request) {
				reply(conn, "401 Unauthorized", "", "{\"kind\":\"k\",\"msg\":\"a\\u001b[2Jb\\u202ec\",\"details\":\"\\u0007\"}")
			},
			"deploy production", 4, `a\x1b[2Jb\u202ec`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRaw(t, test.handle)
			n, c := r.start(strings.Fields(test.args)...)
			n.end(c, test.status)
			if !strings.Contains(c.stderr.String(), test.want) {
				t.Errorf("lacks %q:\n%s", test.want, &c.stderr)
			}
			if strings.Count(c.stderr.String(), "Error:") != 1 {
				t.Errorf("not one error:\n%s", &c.stderr)
			}
			if strings.ContainsAny(c.stderr.String(), "\x1b\a") || strings.Contains(c.stderr.String(), "goroutine ") {
				t.Errorf("not fit for a terminal: %q", c.stderr.String())
			}
			if r.posts.Load() != 1 {
				t.Errorf("the deployment was sent %d times", r.posts.Load())
			}
			if usage, ok := c.command.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss > memoryFactor*300<<10 {
				t.Errorf("it took %d MB of memory", usage.Maxrss>>10)
			}
		})
	}
}

// What only reads is tried again, as often as --retries says, and when the
// server says so.
func TestReadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status, headers string
		failures        int32
		args            string
		exit            int
		requests        int32
	}{
		"502, then an answer":        {"502 Bad Gateway", "", 2, "status", 0, 3},
		"503 with Retry-After":       {"503 Service Unavailable", "Retry-After: 1\r\n", 1, "status", 0, 2},
		"504 for ever":               {"504 Gateway Timeout", "", 99, "status --retries 1", 1, 2},
		"502, not to be tried again": {"502 Bad Gateway", "", 1, "status --retries 0", 1, 1},
		"404 is an answer":           {"404 Not Found", "", 1, "status", 1, 1},
		"a deployment is not a read": {"502 Bad Gateway", "", 1, "deploy production", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var failures atomic.Int32
			r := newRaw(t, func(conn net.Conn, _ *http.Request) {
				if failures.Add(1) <= test.failures {
					reply(conn, test.status, test.headers, "<html>")
				} else {
					reply(conn, "200 OK", "", running)
				}
			})
			_, c := r.start(strings.Fields(test.args)...)
			_ = c.command.Wait()
			if got := c.command.ProcessState.ExitCode(); got != test.exit || r.requests.Load() != test.requests {
				t.Errorf("exit status %d, want %d; %d requests, want %d:\n%s", got, test.exit, r.requests.Load(), test.requests, &c.stderr)
			}
		})
	}
}

// A server that comes back while a deployment waits to leave gets it once.
func TestDeploymentThatNeverLeftIsSentLater(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, sandbox.Options{})
	n.proxy.Stop()
	c := n.start("deploy", "production", "--wait", "--retries", "6")
	n.await(c, "Trying again in")
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	n.end(c, 0, "production complete")
	if id := *c.list[0].ID; id != 1 {
		t.Errorf("its id is %d: it was sent more than once", id)
	}
}

func TestSlowNetworks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ toxics, args string }{
		"latency of 2 s and jitter": {`{"name":"l","type":"latency","attributes":{"latency":2000,"jitter":500}}`, "deploy production --wait"},
		"1 kB/s":                    {`{"name":"b","type":"bandwidth","attributes":{"rate":1}}`, "deploy production --wait"},
		"small pieces":              {`{"name":"s","type":"slicer","attributes":{"average_size":7,"size_variation":5,"delay":100}}`, "deploy production --wait"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, sandbox.Options{})
			n.worsen(test.toxics)
			c := n.start(strings.Fields(test.args)...)
			n.end(c, 0, "production complete")
		})
	}
}

func TestResetAtEveryStage(t *testing.T) {
	t.Parallel()
	t.Run("at connect", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		var connections atomic.Int32
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				connections.Add(1)
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
		}()
		r := newRaw(t, func(net.Conn, *http.Request) {})
		r.url = "https://" + listener.Addr().String() + "/code-manager"
		n, c := r.start("deploy", "production", "--wait", "--retries", "1")
		n.end(c, 5)
		if got := connections.Load(); got != 2 {
			t.Errorf("%d connections, want 2: a deployment that never left may be sent again\n%s", got, &c.stderr)
		}
	})
	t.Run("two addresses, one of them dead", func(t *testing.T) {
		t.Parallel()
		// localhost is ::1 as well as 127.0.0.1; the sandbox listens on one.
		n := newNetwork(t, sandbox.Options{})
		n.url = strings.Replace(n.sandbox.URL(), "127.0.0.1", "localhost", 1)
		n.end(n.start("deploy", "production", "--wait"), 0, "production complete")
	})
}

// A server that starts only when somebody waits for it.
func TestServerThatStartsLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := sandbox.Start(context.Background(), sandbox.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	listen := strings.TrimSuffix(strings.TrimPrefix(first.URL(), "https://"), "/code-manager")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	n := &network{t: t, url: first.URL(), caFile: first.CACertFile(), tokenFile: first.TokenFile(), sandbox: first}
	c := n.start("deploy", "production", "--wait", "--retries", "8")
	n.await(c, "Trying again in")
	again, err := sandbox.Start(context.Background(), sandbox.Options{Dir: dir, Listen: listen})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	n.sandbox = again
	n.end(c, 0, "production complete")
}
