//go:build unix

package acceptance

import (
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asking are all commands that send requests.
var asking = []string{
	"deploy production",
	"deploy --all --wait --format table --timeout 2s",
	"deploy production --wait --format json --timeout 2s --insecure",
	"dry-run --timeout 2s",
	"status",
	"status deploys --timeout 2s",
	"status deploys production --watch --format table --timeout 2s",
	"__complete deploy p",
	"login somebody --password-stdin --lifetime 4h",
	"login somebody --password-stdin --print --insecure",
	"token --valid-for 2h",
	"token renew --revoke-old",
	"logout",
}

// rawPassword is what logins send to raw servers.
const rawPassword = "xK3 \"quoted\" & wide: ünïcödé 4f9T"

// alwaysWatched are the faults that every command meets whenever the tests run. The
// others meet every command at night, and `deploy` always.
var alwaysWatched = []string{"closes in the headers", "sends 100 MB of headers", "gives the token back", "gives the token back in other forms", "says more after its answer"}

// No output of any command contains the token, at the most detailed log level, after any fault of
// the server; and the token is sent only in one header. A command that never ends is ended with a
// signal that makes it dump its goroutines.
func TestTokenIsNeverWritten(t *testing.T) {
	t.Parallel()
	for _, name := range alwaysWatched {
		if _, ok := faults()[name]; !ok {
			t.Fatalf("there is no fault %q", name)
		}
	}
	program := filepath.Join(programs(t), "puppet-code")
	for name, fault := range faults() {
		for _, line := range asking {
			if !nightly() && line != asking[0] && !slices.Contains(alwaysWatched, name) {
				continue
			}
			if strings.HasPrefix(name, "gives the token back") && strings.HasPrefix(line, "login ") {
				continue // a login sends no token; see testdata/login/faults.txtar for a password that comes back
			}
			if strings.Contains(name, "GB") && strings.HasPrefix(line, "status deploys") {
				continue // half a gigabyte each, and the others show the same
			}
			t.Run(name+": "+line, func(t *testing.T) {
				t.Parallel()
				r := newRaw(t, fault.handle)
				n := r.network()
				command := exec.Command(program, append([]string{"--log-level", "trace", "--retries", "0"}, strings.Fields(line)...)...)
				if strings.HasPrefix(line, "login ") {
					n.secrets = append(n.secrets, rawPassword)
					command.Stdin = strings.NewReader(rawPassword)
				}
				c := n.run(command)
				n.asked(c)
				if strings.Contains(fault.args, "--timeout") {
					n.quit(c)
					return
				}
				_ = n.ended(c)
				if strings.Contains(c.stderr.String(), "goroutine ") || strings.ContainsAny(c.stdout.String()+c.stderr.String(), "\x1b\a\u202e") {
					t.Errorf("it has crashed, or is not fit for a terminal:\n%q\n%q", &c.stdout, &c.stderr)
				}
				if r.posts.Load() > 1 {
					t.Errorf("the deployment was sent %d times", r.posts.Load())
				}
			})
		}
	}
}

// asked waits until the server has a request.
func (n *network) asked(c *client) {
	n.t.Helper()
	select {
	case <-n.raw.arrived:
		n.secretProcess(c)
	case <-time.After(time.Minute):
		n.t.Fatalf("no request in a minute:\n%s", &c.stderr)
	}
}

// quit ends a program with SIGABRT, which makes it dump its goroutines.
func (n *network) quit(c *client) {
	n.t.Helper()
	if err := c.command.Process.Signal(syscall.SIGABRT); err != nil {
		n.t.Fatal(err)
	}
	_ = n.ended(c)
	if !strings.Contains(c.stderr.String(), "SIGABRT: abort") || !strings.Contains(c.stderr.String(), "goroutine 1 ") {
		n.t.Errorf("it shows nothing of what it does, exit status %d:\n%s", c.command.ProcessState.ExitCode(), &c.stderr)
	}
}

// A token from the environment or standard input is as secret as a token in a file. print-config
// shows it only with --show-token.
func TestTokenIsShownOnlyWithShowToken(t *testing.T) {
	t.Parallel()
	r := newRaw(t, func(conn net.Conn, _ *http.Request) { reply(conn, "200 OK", "", running) })
	for _, test := range []struct {
		line, env, stdin string
		shows            int
	}{
		{"print-config", "", "", 0},
		{"print-config --format json", "", "", 0},
		{"print-config --format json", "PUPPET_CODE_TOKEN=" + rawToken, "", 0},
		{"print-config --token-file -", "", rawToken, 0},
		{"print-config --show-token", "", "", 1},
		{"print-config --show-token --format json", "PUPPET_CODE_TOKEN=" + rawToken, "", 1},
		{"status", "PUPPET_CODE_TOKEN=" + rawToken, "", 0},
		{"status --token-file -", "", rawToken, 0},
	} {
		n := r.network()
		command := exec.Command("puppet-code", append(strings.Fields(test.line), "--log-level", "trace")...)
		command.Stdin = strings.NewReader(test.stdin)
		n.env = []string{test.env, "FILLER="}
		c := n.run(command)
		_ = n.ended(c)
		if got := strings.Count(c.stdout.String()+c.stderr.String(), rawToken); got != test.shows {
			t.Errorf("%s: shows the token %d times, want %d", test.line, got, test.shows)
		}
	}
}
