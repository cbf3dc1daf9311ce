//go:build unix

package acceptance

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

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// manager is a Code Manager in a separate process, behind a network, so that it can be killed and
// restarted.
type manager struct {
	*network
	dir, listen string
	process     *exec.Cmd
	// log is the log of all its runs.
	log lines
}

// newManager starts a sandbox, with a folder that outlives it.
func newManager(t *testing.T, args ...string) *manager {
	t.Helper()
	m := &manager{dir: t.TempDir(), listen: "127.0.0.1:0"}
	m.network = &network{t: t, caFile: filepath.Join(m.dir, "ca.pem"), tokenFile: filepath.Join(m.dir, "token"), repo: filepath.Join(m.dir, "control-repo.git")}
	address, err := url.Parse(m.live(args...))
	if err != nil {
		t.Fatal(err)
	}
	m.listen = net.JoinHostPort("127.0.0.1", address.Port())
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	m.proxy = toxiproxy.NewProxy(api, t.Name(), "127.0.0.1:0", m.listen)
	if err := m.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.proxy.Stop)
	m.url = "https://" + m.proxy.Listen + "/code-manager"
	return m
}

// live starts it, and returns its URL when it answers.
func (m *manager) live(args ...string) string {
	m.t.Helper()
	args = append([]string{"--dir", m.dir, "--listen", m.listen, "--log-level", "info"}, args...)
	process := exec.Command("code-manager-sandbox", args...)
	process.Stderr = &m.log
	out, err := process.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.process = process
	m.t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	exports := bufio.NewReader(out)
	first, err := exports.ReadString('\n')
	if err != nil {
		m.t.Fatalf("%v:\n%s", err, &m.log)
	}
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(first), "export PUPPET_CODE_SERVICE_URL="), "'")
}

// killAndRestart kills it, and restarts it once all clients have noticed.
func (m *manager) killAndRestart(clients ...*client) {
	m.t.Helper()
	if err := m.process.Process.Kill(); err != nil {
		m.t.Fatal(err)
	}
	_ = m.process.Wait()
	m.proxy.Stop()
	for _, c := range clients {
		m.await(c, "deploys/status does not answer")
	}
	m.live("--sync-interval", "10ms")
	if err := m.proxy.Start(); err != nil {
		m.t.Fatal(err)
	}
}

// logged waits until the log has a text.
func (m *manager) logged(text string) {
	m.t.Helper()
	select {
	case <-m.log.seen(text):
	case <-time.After(time.Minute):
		m.t.Fatalf("it never logged %q:\n%s", text, &m.log)
	}
}

// deployments checks the number of deployments in all its runs.
func (m *manager) deployments(want int) {
	m.t.Helper()
	if got := strings.Count(m.log.String(), `msg="deployments queued"`); got != want {
		m.t.Errorf("%d deployments arrived, want %d:\n%s", got, want, &m.log)
	}
}

// A killed Code Manager has forgotten its queue, and what it was deploying. puppet-code reports the
// unknown outcome, and sends nothing again.
func TestServerKilledBeforeItHasDeployed(t *testing.T) {
	t.Parallel()
	m := newManager(t, "--workers", "1", "--deploy-delay", "1h")
	deploying := m.start("deploy", "testing", "--wait")
	m.await(deploying, "testing is deploying")
	queued := m.start("deploy", "production", "--wait")
	m.await(queued, "production is queued")
	m.killAndRestart(deploying, queued)
	m.end(deploying, 8, "testing deploying")
	m.end(queued, 8, "production queued")
	m.deployments(2)
	for environment, c := range map[string]*client{"testing": deploying, "production": queued} {
		if !strings.Contains(c.stderr.String(), noTrace) {
			t.Errorf("%s: it says:\n%s", environment, &c.stderr)
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
	m := newManager(t, "--compilers", "1", "--sync-interval", "15s")
	first := m.start("deploy", "testing", "--wait")
	m.endWith(first, 0) // the compiler has just checked in
	c := m.start("deploy", "production", "--wait")
	m.await(c, "production is staged at")
	m.killAndRestart(c)
	m.end(c, 0, "production complete")
	m.deployments(2)
}

// The deployment is over, and the server dies with its answer on the way.
func TestServerKilledBeforeItsAnswerArrives(t *testing.T) {
	t.Parallel()
	m := newManager(t, "--deploy-delay", "3s")
	c := m.start("deploy", "production", "--wait")
	m.await(c, "production is deploying")
	m.worsen(`{"name":"hole","type":"timeout","stream":"downstream","attributes":{"timeout":0}}`)
	m.logged("method=POST path=/code-manager/v1/deploys status=200")
	if err := m.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	m.mend()
	m.killAndRestart(c)
	m.end(c, 0, "production complete")
	m.deployments(1)
}
