package cli

import (
	"context"
	"encoding/json"
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
	const want = `0:00 production is deploying
0:01 deploys/status does not answer: the connection was refused: nothing listens on that port. Trying again until it does.
0:02 deploys/status answers again.
0:02 production is no longer in the queue
Error: the outcome for production is unknown: the deployment left the queue while the server did not answer, and nothing was staged since. The server may have been restarted
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
			a := &app{sys: sys, flags: globalFlags{logLevel: choice{value: "warn"}}}
			a.news.Reason = reasonOf
			var err error
			a.result, err = run(t.Context(), a, &looks{[]string{oneDeploying, "", nothingQueued}})
			err = a.finish(err)
			if exitStatus(err) != ExitUnknown || !strings.Contains(out.String(), "lost") {
				t.Errorf("%s: status %d, printed:\n%s", name, exitStatus(err), out)
			}
			if got := stderr.String(); !sameSeconds(got, want) {
				t.Errorf("%s said:\n%s\nwant:\n%s", name, got, want)
			}
		})
	}
}

// sameSeconds compares lines but for their time: intervals are random by a tenth.
func sameSeconds(got, want string) bool {
	cut := func(text string) string {
		var b strings.Builder
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "0:0") {
				line = line[len("0:00"):]
			}
			b.WriteString(line)
		}
		return b.String()
	}
	return cut(got) == cut(want)
}
