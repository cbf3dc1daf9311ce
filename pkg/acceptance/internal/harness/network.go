package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// Network is a Code Manager behind a network with faults on demand.
type Network struct {
	T       *testing.T
	Sandbox *sandbox.Server
	Proxy   *Proxy
	URL     string
	// CAFile and tokenFile are the files for puppet-code.
	CAFile, TokenFile string
	// Repo is the control repo, if it is not the sandbox's own.
	Repo string
	// Raw is the server, if it is not a sandbox.
	Raw *Raw
	// Env is added to the environment of puppet-code, home is its home directory.
	Env  []string
	home string
	// Secrets must not appear in any output. The token is always one of them.
	Secrets []string

	mutex   sync.Mutex
	running map[*Client]bool
}

// NewNetwork starts a sandbox and a network in front of it.
func NewNetwork(t *testing.T, opts sandbox.Options) *Network {
	t.Helper()
	server, err := sandbox.Start(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	address, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	upstream := net.JoinHostPort("127.0.0.1", address.Port())
	n := &Network{T: t, Sandbox: server, Proxy: NewProxy(t, upstream)}
	n.URL = "https://" + n.Proxy.Address + "/code-manager"
	n.CAFile, n.TokenFile = server.CACertFile(), server.TokenFile()
	return n
}

// Client is a run of puppet-code.
type Client struct {
	Command        *exec.Cmd
	Stdout, Stderr Lines
	List           []codemanager.Deployment
}

// Lines has the output of a program so far, and lets tests wait for a text.
type Lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
	wait  map[string]chan struct{}
}

func (l *Lines) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	n, err := l.text.Write(p)
	for text, seen := range l.wait {
		if strings.Contains(l.text.String(), text) {
			close(seen)
			delete(l.wait, text)
		}
	}
	return n, err
}

func (l *Lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// Seen is closed when the program has written a text.
func (l *Lines) Seen(text string) <-chan struct{} {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	seen := make(chan struct{})
	if strings.Contains(l.text.String(), text) {
		close(seen)
		return seen
	}
	if l.wait == nil {
		l.wait = map[string]chan struct{}{}
	}
	l.wait[text] = seen
	return seen
}

// Start runs puppet-code against the network.
func (n *Network) Start(args ...string) *Client {
	n.T.Helper()
	return n.Run(exec.Command("puppet-code", args...))
}

// Run starts a command that is puppet-code, or starts it.
func (n *Network) Run(command *exec.Cmd) *Client {
	n.T.Helper()
	c := &Client{Command: command}
	c.Command.Stdout, c.Command.Stderr = &c.Stdout, &c.Stderr
	n.mutex.Lock()
	if n.home == "" {
		n.home = n.T.TempDir()
	}
	n.watched()
	n.mutex.Unlock()
	c.Command.Env = append(os.Environ(), "PUPPET_CODE_SERVICE_URL="+n.URL,
		"PUPPET_CODE_RBAC_URL="+strings.TrimSuffix(n.URL, "/code-manager")+"/rbac-api",
		"PUPPET_CODE_CACERT="+n.CAFile, "PUPPET_CODE_TOKEN_FILE="+n.TokenFile, "PUPPET_CODE_TOKEN=", "GITHUB_ACTIONS=",
		"HOME="+n.home, "TMPDIR="+n.home, "XDG_CACHE_HOME="+filepath.Join(n.home, "cache"), "GOTRACEBACK=all")
	c.Command.Env = append(c.Command.Env, n.Env...)
	if err := c.Command.Start(); err != nil {
		n.T.Fatal(err)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.running == nil {
		n.running = map[*Client]bool{}
		n.T.Cleanup(n.kill)
	}
	n.running[c] = true
	return c
}

// kill ends a program that a failed test left running.
func (n *Network) kill() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for c := range n.running {
		_ = c.Command.Process.Kill()
	}
}

// Ended waits for the end of a program, and checks that its output has no secret.
func (n *Network) Ended(c *Client) error {
	n.T.Helper()
	err := c.Command.Wait()
	n.mutex.Lock()
	defer n.mutex.Unlock()
	delete(n.running, c)
	n.secret(c)
	return err
}

// Await waits for a text on standard error.
func (n *Network) Await(c *Client, text string) {
	n.T.Helper()
	select {
	case <-c.Stderr.Seen(text):
		n.SecretProcess(c)
	case <-time.After(time.Minute):
		n.T.Fatalf("it never said %q:\n%s", text, &c.Stderr)
	}
}

// End waits for the end, and checks the exit status and the outcome, as environment and status,
// with the commit of the branch if it is complete.
func (n *Network) End(c *Client, status int, outcome ...string) {
	n.T.Helper()
	n.EndWith(c, status)
	if len(outcome) == 0 {
		if c.Stdout.String() != "" {
			n.T.Errorf("a result:\n%s", &c.Stdout)
		}
		return
	}
	if err := json.Unmarshal([]byte(c.Stdout.String()), &c.List); err != nil {
		n.T.Fatalf("%v:\n%s%s", err, &c.Stdout, &c.Stderr)
	}
	var got []string
	for _, d := range c.List {
		got = append(got, d.Environment+" "+string(d.Status))
		if d.Status == codemanager.StatusComplete && d.DeploySignature != n.commit(d.Environment) {
			n.T.Errorf("%s is at %s", d.Environment, d.DeploySignature)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(outcome) {
		n.T.Errorf("outcome %q, want %q", got, outcome)
	}
}

// EndWith waits for the end, and checks only the exit status.
func (n *Network) EndWith(c *Client, status int) {
	n.T.Helper()
	err := n.Ended(c)
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		n.T.Fatal(err)
	} else if ok && exit.ExitCode() != status || err == nil && status != 0 {
		n.T.Errorf("exit status %d, want %d:\n%s", c.Command.ProcessState.ExitCode(), status, &c.Stderr)
	}
	if status == 0 && strings.Contains(c.Stderr.String(), "[") {
		n.T.Errorf("standard error has a [:\n%s", &c.Stderr)
	}
}

func (n *Network) commit(branch string) string {
	n.T.Helper()
	path := n.Repo
	if path == "" {
		path = n.Sandbox.ControlRepo()
	}
	hash, err := Tip(path, branch)
	if err != nil {
		n.T.Fatal(err)
	}
	return hash
}
