package cli

import (
	"strings"
	"syscall"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// failedWith is a failed environment.
func failedWith(name, message string) codemanager.Deployment {
	return codemanager.Deployment{Environment: name, Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: message}}
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
			a.watchEnded(&follow.UnfinishedError{Err: timeout}, state, "puppet-code wait a"),
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
