package cli

import (
	"slices"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// Rules for --expect-deleted: for the server, the deployment of an environment whose branch is gone
// is a failure. Messages and tables call it a deletion, as intended; JSON has the server's answer.

// asDeletion is a state in which environments whose branches are gone are being deleted.
func asDeletion(state *follow.State) *follow.State {
	shown := *state
	shown.Environments = slices.Clone(state.Environments)
	for i, e := range shown.Environments {
		if e.Status == codemanager.StatusFailed && isGone(codemanager.Deployment{Error: e.Error}) {
			shown.Environments[i].Status, shown.Environments[i].Error = output.Deleting, nil
		}
	}
	return &shown
}

// observesDeletion passes states of a deletion to a view.
func observesDeletion(observe follow.Observer) follow.Observer {
	return func(event follow.Event) {
		if event.State != nil {
			event.State = asDeletion(event.State)
		}
		observe(event)
	}
}

// deletionRows are the rows of a table or a summary. Err is the error of the deletion.
func deletionRows(list []codemanager.Deployment, err error) []codemanager.Deployment {
	status := output.Deleted
	switch {
	case is[*waitError](err):
		status = output.Deleting
	case err != nil:
		return list
	}
	rows := slices.Clone(list)
	for i, d := range rows {
		if isGone(d) {
			rows[i] = codemanager.Deployment{Environment: d.Environment, ID: d.ID, Status: status}
		}
	}
	return rows
}

// goneLine is the summary line of a deletion.
func goneLine(environments []string) string {
	return "Gone from the primary and all compilers: " + names(environments) + "."
}
