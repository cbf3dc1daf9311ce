//go:build unix

package faults

import (
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
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
	// Without the race detector, which takes many times the memory.
	program := filepath.Join(harness.Programs(t), "puppet-code")
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := harness.NewRaw(t, fault.handle)
			n := r.Network()
			c := n.Run(exec.Command("sh", append([]string{"-c", limited, program}, strings.Fields(fault.args)...)...))
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
		})
	}
}

// limited runs a program with at most 400 MB of data, a limit that Linux enforces. An answer may have
// 64 MB, and its buffer is copied as it grows.
const limited = `ulimit -d 400000; exec "$0" "$@"`

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

func TestSlowNetwork(t *testing.T) {
	t.Parallel()
	const latency = 5 * time.Second
	n := harness.NewNetwork(t, sandbox.Options{})
	n.Proxy.Set(harness.Fault{Delay: latency})
	began := time.Now()
	n.End(n.Start("deploy", "production", "--wait"), 0, "production complete")
	if took := time.Since(began); took < 4*latency {
		t.Errorf("it took %s: the network was not slow", took)
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
