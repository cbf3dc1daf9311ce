package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const inNoSource = `Errors while deploying environment 'x' (exit code: 1):
ERROR	 -> Environment(s) 'x' cannot be found in any source and will not be deployed.
`

// To the server, the deployment of a branch that is gone has failed. Where that was asked for, people
// read of a deletion.
func TestExpectedDeletionIsASuccess(t *testing.T) {
	state := &follow.State{Environments: []follow.Environment{
		{Name: "x", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: inNoSource}},
		{Name: "y", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "fatal: no space"}},
	}}
	var seen *follow.State
	observesDeletion(func(event follow.Event) { seen = event.State })(follow.Event{State: state})
	if x, y := seen.Environments[0], seen.Environments[1]; x.Status != "deleting" || x.Error != nil || y.Status != "failed" || y.Error == nil {
		t.Errorf("a view shows %+v", seen.Environments)
	}
	if state.Environments[0].Status != codemanager.StatusFailed {
		t.Error("the state itself is changed")
	}

	wait := testApp().deployEnded(&follow.UnfinishedError{Sent: true, Err: &timeoutError{}}, asDeletion(state), []string{"x"})
	const want = `Error: timed out after 0s (--timeout)
1 of 2 environments failed so far:
  y: fatal: no space
Not finished: x (deleting)
The deployment may still be running. To watch it: puppet-code status deploys x --watch
`
	if got := said(wait, 0); got != want {
		t.Errorf("said:\n%s\nwant:\n%s", got, want)
	}
}

func TestTableOfADeletion(t *testing.T) {
	list := []codemanager.Deployment{{Environment: "x", ID: "7", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: inNoSource}}}
	for want, err := range map[string]error{
		"x deleted 7":  nil,
		"x deleting 7": &exitError{err: &timeoutError{}, open: true},
		"x failed 7 ":  unknownNames([]string{"x"}, nil),
	} {
		sys, out, _ := testSystem()
		o := &deployOptions{app: &app{sys: sys}, expect: expectation{deleted: true}, format: newFormat()}
		o.format.value = "table"
		result := o.result(list, err)
		if err := result.write(out); err != nil {
			t.Fatal(err)
		}
		if words := strings.Join(strings.Fields(out.String()), " ") + " "; !strings.Contains(words, want) {
			t.Errorf("after %v it shows:\n%s", err, out)
		}
		out.Reset()
		o.format.value = "json"
		if err := o.result(list, err).write(out); err != nil || !strings.Contains(out.String(), `"status": "failed"`) || !strings.Contains(out.String(), "cannot be found") {
			t.Errorf("the server's answer is lost: %v\n%s", err, out)
		}
	}
	if rows := deletionRows(list, errors.New("another")); rows[0].Status != codemanager.StatusFailed {
		t.Errorf("%+v", rows)
	}
}
