//go:build unix

package faults

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

// manager is a Code Manager in a separate process, behind a network, so that it can be killed and
// restarted.
type manager struct {
	*harness.Network
	dir, listen string
	process     *exec.Cmd
	// log is the log of all its runs.
	log harness.Lines
}

// newManager starts a sandbox, with a folder that outlives it.
func newManager(t *testing.T, args ...string) *manager {
	t.Helper()
	m := &manager{dir: t.TempDir(), listen: "127.0.0.1:0"}
	m.Network = &harness.Network{T: t, CAFile: filepath.Join(m.dir, "ca.pem"), TokenFile: filepath.Join(m.dir, "token"), Repo: filepath.Join(m.dir, "control-repo.git")}
	address, err := url.Parse(m.live(args...))
	if err != nil {
		t.Fatal(err)
	}
	m.listen = net.JoinHostPort("127.0.0.1", address.Port())
	m.Proxy = harness.NewProxy(t, m.listen)
	m.URL = "https://" + m.Proxy.Address + "/code-manager"
	return m
}

// live starts it, and returns its URL when it answers.
func (m *manager) live(args ...string) string {
	m.T.Helper()
	args = append([]string{"--dir", m.dir, "--listen", m.listen, "--log-level", "info"}, args...)
	process := exec.Command("code-manager-sandbox", args...)
	process.Stderr = &m.log
	out, err := process.StdoutPipe()
	if err != nil {
		m.T.Fatal(err)
	}
	if err := process.Start(); err != nil {
		m.T.Fatal(err)
	}
	m.process = process
	m.T.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	exports := bufio.NewReader(out)
	first, err := exports.ReadString('\n')
	if err != nil {
		m.T.Fatalf("%v:\n%s", err, &m.log)
	}
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(first), "export PUPPET_CODE_SERVICE_URL="), "'")
}

// killAndRestart kills it, and restarts it once all clients have noticed.
func (m *manager) killAndRestart(clients ...*harness.Client) {
	m.T.Helper()
	if err := m.process.Process.Kill(); err != nil {
		m.T.Fatal(err)
	}
	_ = m.process.Wait()
	m.Proxy.Stop()
	for _, c := range clients {
		m.Await(c, "deploys/status does not answer")
	}
	m.live("--sync-interval", "10ms")
	m.Proxy.Start(m.T)
}

// logged waits until the log has a text.
func (m *manager) logged(text string) {
	m.T.Helper()
	select {
	case <-m.log.Seen(text):
	case <-time.After(time.Minute):
		m.T.Fatalf("it never logged %q:\n%s", text, &m.log)
	}
}

// deployments checks the number of deployments in all its runs.
func (m *manager) deployments(want int) {
	m.T.Helper()
	if got := strings.Count(m.log.String(), `msg="deployments queued"`); got != want {
		m.T.Errorf("%d deployments arrived, want %d:\n%s", got, want, &m.log)
	}
}

// A killed Code Manager has forgotten its queue, and what it was deploying. puppet-code reports the
// unknown outcome, and sends nothing again.
func TestServerKilledBeforeItHasDeployed(t *testing.T) {
	t.Parallel()
	m := newManager(t, "--workers", "1", "--deploy-delay", "1h")
	deploying := m.Start("deploy", "testing", "--wait")
	m.Await(deploying, "testing is deploying")
	queued := m.Start("deploy", "production", "--wait")
	m.Await(queued, "production is queued")
	m.killAndRestart(deploying, queued)
	m.End(deploying, 8, "testing lost")
	m.End(queued, 8, "production lost")
	m.deployments(2)
	for environment, c := range map[string]*harness.Client{"testing": deploying, "production": queued} {
		if !strings.Contains(c.Stderr.String(), noProof) {
			t.Errorf("%s: it says:\n%s", environment, &c.Stderr)
		}
		if _, err := os.Stat(filepath.Join(m.dir, "code", "environments", environment)); err == nil {
			t.Errorf("%s is deployed all the same", environment)
		}
	}
}

// Staged code survives a restart: the compilers sync when the server is back, and the deployment
// succeeds.
func TestServerKilledWhileCompilersSync(t *testing.T) {
	t.Parallel()
	m := newManager(t, "--compilers", "1", "--sync-interval", "15s", "--deploy-delay", "2s")
	first := m.Start("deploy", "testing", "--wait")
	m.EndWith(first, 0) // the compiler has just checked in
	c := m.Start("deploy", "production", "--wait")
	m.Await(c, "production is staged at")
	m.killAndRestart(c)
	m.End(c, 0, "production complete")
	m.deployments(2)
}

// The deployment is over, and the server dies with its answer on the way.
func TestServerKilledBeforeItsAnswerArrives(t *testing.T) {
	t.Parallel()
	m := newManager(t, "--deploy-delay", "10s")
	c := m.Start("deploy", "production", "--wait")
	m.Await(c, "production is deploying")
	m.Proxy.Set(harness.Fault{SwallowAnswers: true})
	m.logged("method=POST path=/code-manager/v1/deploys status=200")
	m.killAndRestart(c)
	m.End(c, 0, "production complete")
	m.deployments(1)
}
