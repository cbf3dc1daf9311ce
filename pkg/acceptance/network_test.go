package acceptance

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

const noTrace = "Error: the request was sent, but its outcome is unknown: deploys/status shows no trace of it. The server may have been restarted"

// interruptible is the duration of a deployment that a test interrupts, long enough for a busy
// machine.
const interruptible = 6 * time.Second

const broken = "The request ended without an answer: "

func TestConnectionReset(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, sandbox.Options{DeployDelay: interruptible})
	c := n.start("deploy", "production", "nope", "--wait")
	n.await(c, "deploying")
	n.worsen(`{"name":"reset","type":"reset_peer","attributes":{"timeout":0}}`)
	n.await(c, broken)
	n.mend()
	n.end(c, 3, "production complete", "nope failed")
	if strings.Count(c.stderr.String(), broken) != 1 {
		t.Errorf("not said once:\n%s", &c.stderr)
	}
}

func TestIdleConnectionIsCut(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := newNetwork(t, sandbox.Options{DeployDelay: 2 * time.Second, DropWaitAfter: time.Second})
	c := n.start("deploy", "--all", "--wait")
	n.await(c, broken)
	n.endWith(c, 0)
	if err := json.Unmarshal([]byte(c.stdout.String()), &c.list); err != nil || len(c.list) != 4 {
		t.Fatalf("%v:\n%s", err, &c.stdout)
	}
	for _, d := range c.list {
		if d.Status != codemanager.StatusComplete || d.DeploySignature == "" || d.ID == "" || d.FileSync != nil {
			t.Errorf("%+v", d)
		}
	}
}

func TestIdleConnectionIsCutWithoutIDsAndProgress(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := newNetwork(t, sandbox.Options{DeployDelay: 2 * time.Second, DropWaitAfter: time.Second, NoIDs: true})
	c := n.start("deploy", "production", "nope", "--wait", "--quiet")
	n.end(c, 3, "production complete", "nope failed")
	if strings.Contains(c.stderr.String(), broken) {
		t.Errorf("it is not quiet:\n%s", &c.stderr)
	}
}

func TestOutageDuringAWait(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	outage := 3 * time.Second
	if nightly() {
		outage = 30 * time.Second
	}
	n := newNetwork(t, sandbox.Options{DeployDelay: interruptible})
	c := n.start("deploy", "production", "nope", "testing", "--wait")
	n.await(c, "deploying")
	n.proxy.Stop()
	<-time.After(outage)
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	n.end(c, 3, "production complete", "nope failed", "testing complete")
	if !strings.Contains(c.stderr.String(), "deploys/status does not answer: the connection was refused") {
		t.Errorf("not said:\n%s", &c.stderr)
	}
}

// A network that drops all packets silently.
func TestNetworkThatDropsAllPackets(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	n := newNetwork(t, sandbox.Options{DeployDelay: 2 * time.Second})
	c := n.start("deploy", "production", "--wait", "--timeout", "4s")
	n.await(c, "production is deploying")
	n.worsen(`{"name":"hole","type":"timeout","attributes":{"timeout":0}}`)
	n.end(c, 6, "production deploying")
	for _, want := range []string{"Error: timed out after 4s (--timeout)", "Not finished: production (deploying)", "puppet-code status deploys production --watch"} {
		if !strings.Contains(c.stderr.String(), want) {
			t.Errorf("lacks %q:\n%s", want, &c.stderr)
		}
	}
}

func TestServerRestarted(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	dir := t.TempDir()
	n := newNetwork(t, sandbox.Options{Dir: dir, DeployDelay: time.Minute})
	c := n.start("deploy", "production", "--wait")
	n.await(c, "production is deploying")
	address, err := url.Parse(n.sandbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	n.proxy.Stop() // the server dies silently
	if err := n.sandbox.Close(); err != nil {
		t.Fatal(err)
	}
	n.await(c, "deploys/status does not answer")
	again, err := sandbox.Start(context.Background(), sandbox.Options{Dir: dir, Listen: "127.0.0.1:" + address.Port()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	n.end(c, 8, "production deploying")
	if !strings.Contains(c.stderr.String(), noTrace) {
		t.Errorf("it says:\n%s", &c.stderr)
	}
}

func TestFiftyClientsAtOnce(t *testing.T) { // not in parallel with tests that a busy machine delays
	testneeds.Program(t, "git")
	n := newNetwork(t, sandbox.Options{Workers: 8})
	clients := make([]*client, 50)
	branch(t, n, len(clients))
	for i := range clients {
		clients[i] = n.start("deploy", fmt.Sprintf("env_%d", i), fmt.Sprintf("none_%d", i), "--wait")
	}
	ids := map[codemanager.ID]bool{}
	for i, c := range clients {
		n.end(c, 3, fmt.Sprintf("env_%d complete", i), fmt.Sprintf("none_%d failed", i))
		for _, d := range c.list {
			ids[d.ID] = true
		}
	}
	if len(ids) != 100 {
		t.Errorf("%d ids for 100 deployments", len(ids))
	}
}
