package acceptance

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

	"github.com/Shopify/toxiproxy/v2"
	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// network is a Code Manager behind a network with faults on demand.
type network struct {
	t       *testing.T
	sandbox *sandbox.Server
	proxy   *toxiproxy.Proxy
	url     string
	// caFile and tokenFile are the files for puppet-code.
	caFile, tokenFile string
	// repo is the control repo, if it is not the sandbox's own.
	repo string
	// raw is the server, if it is not a sandbox.
	raw *raw
	// env is added to the environment of puppet-code, home is its home directory.
	env  []string
	home string
	// secrets must not appear in any output. The token is always one of them.
	secrets []string

	mutex   sync.Mutex
	running map[*client]bool
}

func newNetwork(t *testing.T, opts sandbox.Options) *network {
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
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &network{t: t, sandbox: server, proxy: toxiproxy.NewProxy(api, t.Name(), "127.0.0.1:0", upstream)}
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.proxy.Stop)
	n.url = "https://" + n.proxy.Listen + "/code-manager"
	n.caFile, n.tokenFile = server.CACertFile(), server.TokenFile()
	return n
}

func (n *network) worsen(toxic string) {
	n.t.Helper()
	if _, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		n.t.Error(err)
	}
}

func (n *network) mend() { n.proxy.Toxics.ResetToxics(context.Background()) }

// client is a run of puppet-code.
type client struct {
	command        *exec.Cmd
	stdout, stderr lines
	list           []codemanager.Deployment
}

// lines has the output of a program so far, and lets tests wait for a text.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
	wait  map[string]chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
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

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// seen is closed when the program has written a text.
func (l *lines) seen(text string) <-chan struct{} {
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

// start runs puppet-code against the network.
func (n *network) start(args ...string) *client {
	n.t.Helper()
	return n.run(exec.Command("puppet-code", args...))
}

// run starts a command that is puppet-code, or starts it.
func (n *network) run(command *exec.Cmd) *client {
	n.t.Helper()
	c := &client{command: command}
	c.command.Stdout, c.command.Stderr = &c.stdout, &c.stderr
	n.mutex.Lock()
	if n.home == "" {
		n.home = n.t.TempDir()
	}
	n.watched()
	n.mutex.Unlock()
	c.command.Env = append(os.Environ(), "PUPPET_CODE_SERVICE_URL="+n.url,
		"PUPPET_CODE_RBAC_URL="+strings.TrimSuffix(n.url, "/code-manager")+"/rbac-api",
		"PUPPET_CODE_CACERT="+n.caFile, "PUPPET_CODE_TOKEN_FILE="+n.tokenFile, "PUPPET_CODE_TOKEN=", "GITHUB_ACTIONS=",
		"HOME="+n.home, "TMPDIR="+n.home, "XDG_CACHE_HOME="+filepath.Join(n.home, "cache"), "GOTRACEBACK=all")
	c.command.Env = append(c.command.Env, n.env...)
	if err := c.command.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.running == nil {
		n.running = map[*client]bool{}
		n.t.Cleanup(n.kill)
	}
	n.running[c] = true
	return c
}

// kill ends a program that a failed test left running.
func (n *network) kill() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for c := range n.running {
		_ = c.command.Process.Kill()
	}
}

// ended waits for the end of a program, and checks that its output has no secret.
func (n *network) ended(c *client) error {
	n.t.Helper()
	err := c.command.Wait()
	n.mutex.Lock()
	defer n.mutex.Unlock()
	delete(n.running, c)
	n.secret(c)
	return err
}

// await waits for a text on standard error.
func (n *network) await(c *client, text string) {
	n.t.Helper()
	select {
	case <-c.stderr.seen(text):
		n.secretProcess(c)
	case <-time.After(time.Minute):
		n.t.Fatalf("it never said %q:\n%s", text, &c.stderr)
	}
}

// end waits for the end, and checks the exit status and the outcome, as environment and status,
// with the commit of the branch if it is complete.
func (n *network) end(c *client, status int, outcome ...string) {
	n.t.Helper()
	n.endWith(c, status)
	if len(outcome) == 0 {
		if c.stdout.String() != "" {
			n.t.Errorf("a result:\n%s", &c.stdout)
		}
		return
	}
	if err := json.Unmarshal([]byte(c.stdout.String()), &c.list); err != nil {
		n.t.Fatalf("%v:\n%s%s", err, &c.stdout, &c.stderr)
	}
	var got []string
	for _, d := range c.list {
		got = append(got, d.Environment+" "+string(d.Status))
		if d.Status == codemanager.StatusComplete && d.DeploySignature != n.commit(d.Environment) {
			n.t.Errorf("%s is at %s", d.Environment, d.DeploySignature)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(outcome) {
		n.t.Errorf("outcome %q, want %q", got, outcome)
	}
}

// endWith waits for the end, and checks only the exit status.
func (n *network) endWith(c *client, status int) {
	n.t.Helper()
	err := n.ended(c)
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		n.t.Fatal(err)
	} else if ok && exit.ExitCode() != status || err == nil && status != 0 {
		n.t.Errorf("exit status %d, want %d:\n%s", c.command.ProcessState.ExitCode(), status, &c.stderr)
	}
	if status == 0 && strings.Contains(c.stderr.String(), "[") {
		n.t.Errorf("standard error has a [:\n%s", &c.stderr)
	}
}

func (n *network) commit(branch string) string {
	n.t.Helper()
	path := n.repo
	if path == "" {
		path = n.sandbox.ControlRepo()
	}
	hash, err := tip(path, branch)
	if err != nil {
		n.t.Fatal(err)
	}
	return hash
}
