package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

const noProof = "Error: the request was sent, but its outcome is unknown: its entry left the queue"

// interruptible is the duration of a deployment that a test interrupts, long enough for a busy
// machine.
const interruptible = 6 * time.Second

const broken = "The request ended without an answer: "

func TestConnectionReset(t *testing.T) {
	t.Parallel()
	n := harness.NewNetwork(t, sandbox.Options{DeployDelay: interruptible})
	c := n.Start("deploy", "production", "nope", "--wait")
	n.Await(c, "deploying")
	n.Proxy.Set(harness.Fault{Reset: true})
	n.Await(c, broken)
	n.Proxy.Set(harness.Fault{})
	n.End(c, 3, "production complete", "nope failed")
	if strings.Count(c.Stderr.String(), broken) != 1 {
		t.Errorf("not said once:\n%s", &c.Stderr)
	}
}

func TestIdleConnectionIsCut(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := harness.NewNetwork(t, sandbox.Options{DeployDelay: 2 * time.Second, DropWaitAfter: time.Second})
	c := n.Start("deploy", "--all", "--wait")
	n.Await(c, broken)
	n.EndWith(c, 0)
	if err := json.Unmarshal([]byte(c.Stdout.String()), &c.List); err != nil || len(c.List) != 4 {
		t.Fatalf("%v:\n%s", err, &c.Stdout)
	}
	for _, d := range c.List {
		if d.Status != codemanager.StatusComplete || d.DeploySignature == "" || d.ID == "" || d.FileSync != nil {
			t.Errorf("%+v", d)
		}
	}
}

func TestIdleConnectionIsCutWithoutIDsAndProgress(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := harness.NewNetwork(t, sandbox.Options{DeployDelay: 2 * time.Second, DropWaitAfter: time.Second, NoIDs: true})
	c := n.Start("deploy", "production", "nope", "--wait", "--quiet")
	n.End(c, 3, "production complete", "nope failed")
	if strings.Contains(c.Stderr.String(), broken) {
		t.Errorf("it is not quiet:\n%s", &c.Stderr)
	}
}

func TestOutageDuringAWait(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	outage := 3 * time.Second
	if testneeds.Nightly() {
		outage = 30 * time.Second
	}
	n := harness.NewNetwork(t, sandbox.Options{DeployDelay: interruptible})
	c := n.Start("deploy", "production", "nope", "testing", "--wait")
	n.Await(c, "deploying")
	n.Proxy.Stop()
	<-time.After(outage)
	n.Proxy.Start(t)
	n.End(c, 3, "production complete", "nope failed", "testing complete")
	if !strings.Contains(c.Stderr.String(), "deploys/status does not answer: the connection was refused") {
		t.Errorf("not said:\n%s", &c.Stderr)
	}
}

// A network that drops all packets silently.
func TestNetworkThatDropsAllPackets(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := harness.NewNetwork(t, sandbox.Options{DeployDelay: time.Hour})
	c := n.Start("deploy", "production", "--wait", "--timeout", "10s")
	n.Await(c, "production is deploying")
	n.Proxy.Set(harness.Fault{Swallow: true})
	n.End(c, 6, "production deploying")
	for _, want := range []string{"Error: timed out after 10s (--timeout)", "Not finished: production (deploying)", "puppet-code status deploys production --watch"} {
		if !strings.Contains(c.Stderr.String(), want) {
			t.Errorf("lacks %q:\n%s", want, &c.Stderr)
		}
	}
}

func TestFiftyClientsAtOnce(t *testing.T) { // not in parallel with tests that a busy machine delays
	testneeds.Program(t, "git")
	n := harness.NewNetwork(t, sandbox.Options{Workers: 8})
	clients := make([]*harness.Client, 50)
	branch(t, n, len(clients))
	for i := range clients {
		clients[i] = n.Start("deploy", fmt.Sprintf("env_%d", i), fmt.Sprintf("none_%d", i), "--wait",
			"--retries", "9") // connections that a busy machine is too slow to make
	}
	ids := map[codemanager.ID]bool{}
	for i, c := range clients {
		n.End(c, 3, fmt.Sprintf("env_%d complete", i), fmt.Sprintf("none_%d failed", i))
		for _, d := range c.List {
			ids[d.ID] = true
		}
	}
	if len(ids) != 100 {
		t.Errorf("%d ids for 100 deployments", len(ids))
	}
}
