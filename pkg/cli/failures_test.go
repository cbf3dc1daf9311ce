package cli

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// failedWith is a failed environment.
func failedWith(name, message string) codemanager.Deployment {
	return codemanager.Deployment{Environment: name, Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: message}}
}

// The reasons of three failures are on a screen of 80x24, whatever else r10k wrote.
func TestWholeMessagesFitAScreen(t *testing.T) {
	message := "ERROR\t -> Command exited with non-zero exit code:\nCommand: git clone " + strings.Repeat("/a/long/path", 20) +
		"\nStderr:\n" + strings.Repeat("Cloning into a folder...\n", 5) + strings.Repeat("a long line ", 50) + "\n" + "fatal: repository '/not/there.git' does not exist\nExit code: 128\n"
	err := (&failures{list: []codemanager.Deployment{failedWith("a", message), failedWith("b", message), failedWith("c", message)}, all: 3}).error()
	got := said(err, 80)
	if rows := output.Rows(got, 80); rows > 21 || strings.Count(got, "    …\n") != 3 {
		t.Errorf("%d rows:\n%s", rows, got)
	}
	for _, name := range []string{"a", "b", "c"} {
		if !strings.Contains(got, "\n  "+name+": fatal: repository '/not/there.git' does not exist\n    …\n") {
			t.Errorf("%s lacks its reason:\n%s", name, got)
		}
	}
	if got := said(err, 0); strings.Count(got, "    a long line a long line ") != 3 || strings.Contains(got, "    …\n") {
		t.Errorf("in a log it is cut:\n%s", got)
	}
}

// Many names leave the reason on the screen, too.
func TestReasonsThatManyShareAreOnTheScreen(t *testing.T) {
	var failed []codemanager.Deployment
	for i := range 6 {
		failed = append(failed, failedWith(fmt.Sprintf("feature_%d", i), "Puppetfile:1: syntax error, unexpected end-of-input"))
	}
	failed = append(failed, failedWith("other", "fatal: "+strings.Repeat("long ", 30)))
	const want = `Error: 7 of 60 environments failed:
  feature_0, feature_1, feature_2, feature_3, feature_4, feature_5:
    Puppetfile:1: syntax error, unexpected end-of-input
  other: fatal: long long long long long long long long long long long long lon…
`
	if got := said((&failures{list: failed, all: 60}).error(), 80); got != want {
		t.Errorf("said:\n%s\nwant:\n%s", got, want)
	}
}

// A wait that ends without an outcome lists the failures so far, with their reasons, and the
// unfinished environments.
func TestWaitsThatEndNameTheFailed(t *testing.T) {
	const message = "Errors while deploying environment 'b' (exit code: 1):\nERROR\t -> Command failed:\nStderr:\nfatal: it [broke]\n"
	state := &follow.State{Environments: []follow.Environment{
		{Name: "a", Status: codemanager.StatusComplete},
		{Name: "b", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: message}},
		{Name: "c", Status: codemanager.StatusQueued},
	}}
	const lines = `  b: fatal: it (broke)
    Command failed:
Not finished: c (queued)
`
	const watch = "puppet-code status deploys a b c --watch"
	a := testApp()
	timeout := &timeoutError{limit: 1}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a deployment, --timeout": {
			a.deployEnded(&follow.UnfinishedError{Sent: true, Err: timeout}, state, nil),
			"Error: timed out after 1ns (--timeout)\n1 of 3 environments failed so far:\n" + lines + "The deployment may still be running. To watch it: " + watch + "\n",
		},
		"a deployment, a signal": {
			a.deployEnded(&follow.UnfinishedError{Sent: true, Err: &SignalError{Signal: syscall.SIGTERM}}, state, nil),
			"Error: ended by signal: terminated\n1 of 3 environments failed so far:\n" + lines + "The deployment may still be running. To watch it: " + watch + "\n",
		},
		"a deployment, no evidence": {
			a.deployEnded(&follow.UnknownError{Reason: "x"}, state, nil),
			"Error: the request was sent, but its outcome is unknown: x\n1 of 3 environments failed so far:\n" + lines + "What to do: check the state before you deploy again: " + watch + "\n",
		},
		"a watch": {
			a.watchEnded(&follow.UnfinishedError{Err: timeout}, state, func() string { return "puppet-code wait a" }),
			"Error: timed out after 1ns (--timeout)\n1 of 3 environments failed when last deployed:\n" + lines + "To keep waiting: puppet-code wait a\n",
		},
		"nothing was sent": {
			a.deployEnded(&follow.UnfinishedError{Err: timeout}, state, nil),
			"Error: timed out after 1ns (--timeout)\nNo deployment was requested.\n",
		},
	} {
		if got := said(test.err, 0); got != test.want {
			t.Errorf("%s: said:\n%s\nwant:\n%s", name, got, test.want)
		}
	}
}

// GitHub Actions marks the end of a wait, and the failures that it saw before.
func TestAnnotationsOfAWaitThatEnded(t *testing.T) {
	sys, _, stderr := testSystem()
	sys.LookupEnv = func(name string) (string, bool) { return "true", name == "GITHUB_ACTIONS" }
	state := &follow.State{Environments: []follow.Environment{{Name: "b", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "it broke"}}}}
	err := testApp().deployEnded(&follow.UnfinishedError{Sent: true, Err: &timeoutError{}}, state, nil)
	(&app{sys: sys}).printError(err)
	if !strings.HasPrefix(stderr.String(), "::error::timed out after 0s (--timeout)\n::error title=Deployment of b failed::it broke\n") {
		t.Errorf("said:\n%s", stderr)
	}
}
