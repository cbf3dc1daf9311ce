package cli

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// The summary in Markdown begins with the verdict in words: of each exit status, and of each success.
func TestVerdictsInMarkdown(t *testing.T) {
	const from, to = "87752c07da763610a5294aa6e4a592f6b40e1817", "bacea3c7a8b25ba88a1f232f3ea311925c599856"
	live := codemanager.Deployment{Environment: "production", Status: codemanager.StatusComplete, DeploySignature: to}
	queued := codemanager.Deployment{Environment: "production", Status: codemanager.StatusQueued, ID: "7"}
	gone := failedWith("feature_x", "Environment(s) 'feature_x' cannot be found in any source and will not be deployed.")
	broken := failedWith("nope", "ERROR\t -> Command exited with non-zero exit code:\nCommand: git fetch\nStderr:\nERROR: Repository not found.\nfatal: Could not read from remote repository.\n")
	began := time.Unix(0, 0)
	wait := watch{began, 8100 * time.Millisecond, &follow.State{Environments: []follow.Environment{
		{Name: "production", Status: codemanager.StatusComplete, Signature: to, Before: from, BeforeKnown: true, Began: began, Seen: began.Add(7 * time.Second)},
	}}}
	waiting := &waitOptions{deployOptions: deployOptions{app: testApp(), watched: wait, expect: expectation{commit: to}}}
	for name, test := range map[string]struct {
		options deployOptions
		list    []codemanager.Deployment
		problem error
	}{
		"0-deployed":       {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{live}, nil},
		"0-queued":         {deployOptions{}, []codemanager.Deployment{queued}, nil},
		"0-dry-run":        {deployOptions{dryRun: true}, []codemanager.Deployment{{Environment: "production"}, {Environment: "testing"}}, nil},
		"0-deleted":        {deployOptions{wait: true, watched: wait, expect: expectation{deleted: true}}, []codemanager.Deployment{gone}, nil},
		"1-refused":        {deployOptions{}, nil, fromServer(&codemanager.APIError{Method: "POST", Endpoint: "/deploys", StatusCode: 500, Message: "no `environments`"})},
		"3-failed":         {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{live, broken}, (&failures{list: []codemanager.Deployment{broken}, all: 2, after: wait.took}).error()},
		"4-no-token":       {deployOptions{}, nil, fromServer(&codemanager.APIError{Method: "POST", Endpoint: "/deploys", StatusCode: 401, Message: "Authentication token has been revoked."})},
		"5-no-connection":  {deployOptions{}, nil, fromServer(&codemanager.ConnectionError{Method: "POST", URL: "https://x", Err: errnoRefused})},
		"6-timed-out":      {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{queued}, &timeoutError{limit: time.Minute}},
		"7-another-commit": {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{live}, unexpected("production is live at bacea3c7a8, not at 1234567: that is a newer commit, somebody pushed since")},
		"7-not-deleted":    {deployOptions{wait: true, watched: wait, expect: expectation{deleted: true}}, []codemanager.Deployment{live}, unexpected("production is still in a source of the control repo: it was deployed, not deleted")},
		"8-unknown":        {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{queued}, &exitError{err: errors.New("the outcome is unknown: no answer"), status: ExitUnknown}},
		"130-interrupted":  {deployOptions{wait: true, watched: wait}, []codemanager.Deployment{queued}, &SignalError{Signal: syscall.SIGINT}},
		"0-waited":         {waiting.deployOptions, []codemanager.Deployment{live}, nil},
	} {
		file, golden := filepath.Join(t.TempDir(), "summary.md"), filepath.Join("testdata", "verdicts", name+".md")
		o := test.options
		o.app, o.summary = testApp(), file
		success := o.verdict(test.list)
		if name == "0-waited" {
			success = waiting.verdict()
		}
		o.summarize(test.list, test.problem, success)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || string(got) != string(want) {
			t.Errorf("%s: %v\n%s\nwant:\n%s", name, err, got, want)
		}
	}
}
