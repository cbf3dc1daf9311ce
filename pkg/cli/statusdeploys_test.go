package cli

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// looks answers deploys/status with one text after the other; an empty one is no answer.
type looks struct{ texts []string }

func (l *looks) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	text := l.texts[0]
	if len(l.texts) > 1 {
		l.texts = l.texts[1:]
	}
	if text == "" {
		return nil, &codemanager.ConnectionError{Err: errnoRefused}
	}
	status := &codemanager.DeploysStatus{Raw: []byte(text)}
	return status, json.Unmarshal([]byte(text), status)
}

func (l *looks) Deploy(context.Context, codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	panic("a watch deploys nothing")
}

const (
	stagedBefore = `"file-sync-storage-status":{"deployed":[{"environment":"production","date":"2026-07-09T09:00:00.000Z","deploy-signature":"482f8d3adc76b5197306c5d4c8aa32aa8315694b"}]},` +
		`"file-sync-client-status":{"all-synced":true,"file-sync-clients":{}}}`
	nothingQueued = `{"deploys-status":{"new":[],"queued":[],"deploying":[],"failed":[]},` + stagedBefore
	oneDeploying  = `{"deploys-status":{"new":[],"queued":[],"deploying":[{"environment":"production","queued-at":"2026-07-09T10:00:00.000Z","id":9}],"failed":[]},` + stagedBefore
)

// A deployment that a restarted server forgot did not succeed, although nothing is in flight.
func TestLostDeployments(t *testing.T) {
	const want = `production is deploying
deploys/status does not answer: the connection was refused: nothing listens on that port. Trying again.
deploys/status answers again.
production is no longer in the queue
Error: the outcome for production is unknown: the deployment left the queue, and nothing shows that it was staged. A look failed or came late, and the server may have been restarted
What to do: check the log of Code Manager, or deploy again.
`
	commands := map[string]func(context.Context, *app, *looks) (*result, error){
		"status deploys --watch": func(ctx context.Context, a *app, l *looks) (*result, error) {
			o := &statusDeploysOptions{app: a, client: func() (follow.Looker, error) { return l, nil }, watch: true, utc: true, format: newFormat()}
			o.format.value = "table"
			return o.run(ctx)
		},
		"wait production": func(ctx context.Context, a *app, l *looks) (*result, error) {
			o := &waitOptions{deployOptions: deployOptions{app: a, client: func() (follow.Deployer, error) { return l, nil }, environments: []string{"production"}, format: newFormat()}}
			o.format.value = "table"
			return o.run(ctx)
		},
	}
	for name, run := range commands {
		synctest.Test(t, func(t *testing.T) {
			sys, out, stderr := testSystem()
			a := testAppOf(sys)
			a.flags.logLevel.value = "warn"
			var err error
			a.result, err = run(t.Context(), a, &looks{[]string{oneDeploying, "", nothingQueued}})
			err = a.finish(err)
			if exitStatus(err) != ExitUnknown || !strings.Contains(out.String(), "lost") {
				t.Errorf("%s: status %d, printed:\n%s", name, exitStatus(err), out)
			}
			if got := stderr.String(); withoutTimes(got) != want || got == want {
				t.Errorf("%s said:\n%s\nwant:\n%s", name, got, want)
			}
		})
	}
}

// withoutTimes removes the times at which lines begin.
func withoutTimes(text string) string {
	return regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d `).ReplaceAllString(text, "")
}
