package cli

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const inNoSource = `Errors while deploying environment 'x' (exit code: 1):
ERROR	 -> Environment(s) 'x' cannot be found in any source and will not be deployed.
`

// primary is a server with one look after the other, the last of them again and again. It ends the
// request with an error, or with an answer.
type primary struct {
	looks  []codemanager.DeploysStatus
	asked  int
	held   time.Duration
	answer []codemanager.Deployment
	began  time.Time
}

func (p *primary) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	look := p.looks[min(p.asked, len(p.looks)-1)]
	p.asked++
	look.Date = time.Now()
	return &look, nil
}

func (p *primary) Deploy(ctx context.Context, _ codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	p.began = time.Now()
	select {
	case <-time.After(p.held):
	case <-ctx.Done():
		return nil, &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
	}
	if p.answer == nil {
		return nil, &codemanager.ConnectionError{Sent: true, Err: errors.New("reset")}
	}
	return p.answer, nil
}

// lookOf is a look at p: staged at a commit, and on compilers; "" is nowhere. An entry of p is in the queue
// if it is queued.
func lookOf(queued bool, staged string, on map[string]string) codemanager.DeploysStatus {
	list := []codemanager.QueuedDeploy{}
	if queued {
		list = append(list, codemanager.QueuedDeploy{Environment: "p", QueuedAt: codemanager.NewTimestamp(time.Now())})
	}
	look := codemanager.DeploysStatus{
		Deploys: codemanager.DeploysQueue{New: []codemanager.QueuedDeploy{}, Queued: list, Deploying: []codemanager.QueuedDeploy{}, Failed: []codemanager.QueuedDeploy{}},
		Storage: codemanager.FileSyncStorage{Deployed: deployedAt(staged)},
		Clients: codemanager.FileSyncClientSet{Clients: map[string]codemanager.FileSyncClient{}},
	}
	for host, commit := range on {
		at := codemanager.NewTimestamp(time.Now().Add(time.Duration(len(commit)) * time.Second)) // another one for each state
		look.Clients.Clients[host] = codemanager.FileSyncClient{LastCheckIn: &at, Synced: commit == staged, Deployed: deployedAt(commit)}
	}
	return look
}

func deployedAt(commit string) []codemanager.DeployedEnvironment {
	if commit == "" {
		return []codemanager.DeployedEnvironment{}
	}
	return []codemanager.DeployedEnvironment{{Environment: "p", DeploySignature: commit, Date: "2031-07-09T10:00:00Z"}}
}

// runPrimary deploys p.
func runPrimary(t *testing.T, p *primary, o *deployOptions) (stderr string, status int, took time.Duration) {
	t.Helper()
	sys, _, errs := testSystem()
	o.app, o.format, o.environments, o.wait = testAppOf(sys), newFormat(), []string{"p"}, true
	o.app.quiet = true
	o.client = func() (follow.Deployer, error) { return p, nil }
	result, err := runDeploy(t.Context(), o)
	o.app.result, took = result, time.Since(p.began)
	status = exitStatus(o.app.finish(err))
	return errs.String(), status, took
}

// Somebody may stage another commit after ours.
func TestExpectedCommitIsLiveAtTheLastLook(t *testing.T) {
	const ours, theirs = "1111111aaa", "2222222"
	for name, test := range map[string]struct {
		last   string
		commit string
		status int
	}{
		"ours is live":            {ours, "1111111", 0},
		"theirs is live":          {theirs, "1111111", 7},
		"theirs was the expected": {theirs, theirs, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &primary{held: 3 * time.Second, looks: []codemanager.DeploysStatus{
					lookOf(false, "0000000", map[string]string{"a": "0000000"}),
					lookOf(true, "0000000", map[string]string{"a": "0000000"}),
					lookOf(false, ours, map[string]string{"a": "0000000"}),
					lookOf(false, test.last, map[string]string{"a": test.last}),
				}}
				if test.last == theirs { // the compiler checks in again
					at := codemanager.NewTimestamp(time.Now().Add(time.Minute))
					p.looks[3].Clients.Clients["a"] = codemanager.FileSyncClient{LastCheckIn: &at, Synced: true, Deployed: deployedAt(theirs)}
				}
				if stderr, status, _ := runPrimary(t, p, &deployOptions{expect: expectation{commit: test.commit}}); status != test.status {
					t.Errorf("status %d, want %d\n%s", status, test.status, stderr)
				}
			})
		})
	}
}

// A deletion waits for every compiler that a look of it has shown, and not for ever.
func TestDeletionWaitsForAllCompilers(t *testing.T) {
	answer := []codemanager.Deployment{{Environment: "p", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: inNoSource}}}
	both := lookOf(false, "0000000", map[string]string{"a": "0000000", "b": "0000000"})
	aGone := lookOf(false, "", map[string]string{"a": ""})
	aGone.Deploys.Failed = []codemanager.QueuedDeploy{{Environment: "p", QueuedAt: codemanager.NewTimestamp(time.Now()), Error: answer[0].Error}}
	bothGone := lookOf(false, "", map[string]string{"a": "", "b": ""})
	for name, test := range map[string]struct {
		looks    []codemanager.DeploysStatus
		timeout  time.Duration
		status   int
		from, to time.Duration
	}{
		"one is missing, and comes back":         {[]codemanager.DeploysStatus{both, both, aGone, aGone, aGone, bothGone}, 0, 0, 4 * time.Second, 30 * time.Second},
		"one is missing for ever":                {[]codemanager.DeploysStatus{both, both, aGone}, 0, 8, time.Hour, time.Hour + 10*time.Second},
		"one is missing for ever, and --timeout": {[]codemanager.DeploysStatus{both, both, aGone}, 20 * time.Second, 6, 19 * time.Second, 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &primary{held: time.Second, answer: answer, looks: test.looks}
				stderr, status, took := runPrimary(t, p, &deployOptions{timeout: test.timeout, expect: expectation{deleted: true}})
				if status != test.status || took < test.from || took > test.to || strings.Contains(stderr, "failed") {
					t.Errorf("status %d, want %d, after %s\n%s", status, test.status, took, stderr)
				}
			})
		})
	}
}

// Which commit a compiler has that the last look doesn't list is not known.
func TestExpectedCommitAndACompilerThatIsMissing(t *testing.T) {
	for standing, want := range map[follow.Standing]int{follow.Missing: ExitUnknown, follow.Behind: ExitUnexpected} {
		o := &deployOptions{app: testApp(), expect: expectation{commit: "1111111"}}
		state := &follow.State{
			Environments: []follow.Environment{{Name: "p", Current: "1111111aaa"}},
			Compilers:    []follow.Compiler{{Host: "a", Standing: standing}},
		}
		err := o.judgeCommit(t.Context(), codemanager.Deployment{Environment: "p", DeploySignature: "2222222"}, state)
		if got := exitStatus(err); got != want {
			t.Errorf("%v: status %d, want %d: %v", standing, got, want, err)
		}
	}
}
