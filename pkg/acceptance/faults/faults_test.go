//go:build unix

package faults

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// After any fault, each request ends with one clear error and the right status, and a deployment
// arrives at most once.
func TestEveryFaultGivesOneClearError(t *testing.T) {
	t.Parallel()
	released := harness.Programs(t) // without the race detector, which takes many times the memory
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := harness.NewRaw(t, fault.handle)
			n := r.Network()
			c := n.Measured(released, strings.Fields(fault.args)...)
			if strings.HasSuffix(name, "as a result") || strings.Contains(fault.args, "--timeout") {
				n.EndWith(c, fault.status)
			} else {
				n.End(c, fault.status)
			}
			if !strings.Contains(c.Stderr.String(), fault.want) {
				t.Errorf("lacks %q:\n%s", fault.want, &c.Stderr)
			}
			presentable(t, c)
			// A server that never answers does not even answer the look before the deployment.
			if posts := r.Posts.Load(); posts > 1 || posts == 0 && fault.status != 6 {
				t.Errorf("the deployment was sent %d times", posts)
			}
			if used := n.Memory(); used > mostMemory {
				t.Errorf("it took %d MB of memory", used)
			}
		})
	}
}

// An answer is read whole, but its size is limited.
func TestStatusAnswerThatNeverEnds(t *testing.T) {
	t.Parallel()
	r := harness.NewRaw(t, func(conn net.Conn, _ *http.Request) {
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for block := "100000\r\n" + strings.Repeat("[", 1<<20) + "\r\n"; err == nil; {
			_, err = io.WriteString(conn, block)
		}
	})
	n := r.Network()
	c := n.Measured(harness.Programs(t), "status", "deploys")
	n.End(c, 1)
	if !strings.Contains(c.Stderr.String(), "more than 64 MB") {
		t.Errorf("it says:\n%s", &c.Stderr)
	}
	presentable(t, c)
	if used := n.Memory(); used > mostMemory {
		t.Errorf("it took %d MB of memory", used)
	}
}

// mostMemory is how much memory a fault may take, in MB: an answer of 64 MB, and what it was copied
// from when its buffer grew.
const mostMemory = 256

// presentable checks that there is one error, and nothing that a terminal would interpret.
func presentable(t *testing.T, c *harness.Client) {
	t.Helper()
	if strings.Count(c.Stderr.String(), "Error:") != 1 {
		t.Errorf("not one error:\n%s", &c.Stderr)
	}
	if strings.ContainsAny(c.Stderr.String(), "\x1b\a\u202e") || !utf8.ValidString(c.Stderr.String()) {
		t.Errorf("not fit for a terminal: %q", c.Stderr.String())
	}
	if strings.Contains(c.Stderr.String(), "goroutine ") {
		t.Errorf("it has crashed:\n%s", &c.Stderr)
	}
}

// Requests that only read are retried, as often as --retries says, and at the time that the server
// requests.
func TestReadsAreRetried(t *testing.T) {
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
		"a deployment is not a read": {"502 Bad Gateway", "", 1, "deploy production", 8, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var failures atomic.Int32
			r := harness.NewRaw(t, func(conn net.Conn, _ *http.Request) {
				if failures.Add(1) <= test.failures {
					harness.Reply(conn, test.status, test.headers, "<html>")
				} else {
					harness.Reply(conn, "200 OK", "", harness.Running)
				}
			})
			n, c := r.Start(strings.Fields(test.args)...)
			n.EndWith(c, test.exit)
			if r.Requests.Load() != test.requests {
				t.Errorf("%d requests, want %d:\n%s", r.Requests.Load(), test.requests, &c.Stderr)
			}
		})
	}
}

// A deployment that could not be sent is sent once when the server is back.
func TestDeploymentThatNeverLeftIsSentLater(t *testing.T) {
	t.Parallel()
	n := harness.NewNetwork(t, sandbox.Options{})
	n.Proxy.Stop()
	c := n.Start("deploy", "production", "--wait", "--retries", "6")
	n.Await(c, "Trying again in")
	n.Proxy.Start(t)
	n.End(c, 0, "production complete")
	if id := c.List[0].ID; id != "1" {
		t.Errorf("its id is %s: it was sent more than once", id)
	}
}

func TestSlowNetworks(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]harness.Fault{
		"latency of 5 s": {Delay: 5 * time.Second},
		"1 kB/s":         {Delay: 100 * time.Millisecond, Piece: 100},
		"small pieces":   {Delay: 100 * time.Microsecond, Piece: 29},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := harness.NewNetwork(t, sandbox.Options{})
			n.Proxy.Set(fault)
			began := time.Now()
			n.End(n.Start("deploy", "production", "--wait"), 0, "production complete")
			if took := time.Since(began); took < 4*fault.Delay {
				t.Errorf("it took %s: the network was not slow", took)
			}
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
		r := harness.NewRaw(t, func(net.Conn, *http.Request) {})
		r.URL = "https://" + listener.Addr().String() + "/code-manager"
		n, c := r.Start("deploy", "production", "--wait", "--retries", "1")
		n.End(c, 5)
		if got := connections.Load(); got < 3 || strings.Count(c.Stderr.String(), "Trying again in 0.") != 1 {
			t.Errorf("%d connections: a first look, and a deployment that never left may be sent again\n%s", got, &c.Stderr)
		}
	})
	t.Run("two addresses, one of them dead", func(t *testing.T) {
		t.Parallel()
		// localhost is ::1 as well as 127.0.0.1; the sandbox listens on one.
		n := harness.NewNetwork(t, sandbox.Options{})
		n.URL = strings.Replace(n.Sandbox.URL(), "127.0.0.1", "localhost", 1)
		n.End(n.Start("deploy", "production", "--wait"), 0, "production complete")
	})
}

// A server that starts during the retries.
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
	n := &harness.Network{T: t, URL: first.URL(), CAFile: first.CACertFile(), TokenFile: first.TokenFile(), Sandbox: first}
	c := n.Start("deploy", "production", "--wait", "--retries", "8")
	n.Await(c, "Trying again in")
	again, err := sandbox.Start(context.Background(), sandbox.Options{Dir: dir, Listen: listen})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	n.Sandbox = again
	n.End(c, 0, "production complete")
}
