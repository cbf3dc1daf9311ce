package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// Rules for --expect-deleted: for the server, the deployment of an environment whose branch is gone
// is a failure. Messages and tables call it a deletion, as intended; JSON has the server's answer.

// asDeletion is a state in which environments whose branches are gone are being deleted.
func asDeletion(state *follow.State) *follow.State {
	if state == nil {
		return nil
	}
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
	switch ended, _ := errors.AsType[*exitError](err); {
	case ended != nil && ended.open:
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

// isGone reports whether a failure says that the environment is in no source.
func isGone(d codemanager.Deployment) bool {
	return d.Error != nil && strings.Contains(d.Error.Msg, "cannot be found in any source")
}

// judgeDeleted is the error of a deployment with --expect-deleted, nil if every environment is gone: the
// server says that it is in no source, and it is neither staged nor on a compiler. It waits for the
// compilers.
func (o *deployOptions) judgeDeleted(ctx context.Context, client follow.Looker, before *codemanager.DeploysStatus, list []codemanager.Deployment) error {
	var deleted []string
	var failed []codemanager.Deployment
	for _, d := range list {
		switch {
		case isGone(d):
			deleted = append(deleted, d.Environment)
		case d.Failed():
			failed = append(failed, d)
		default:
			return unexpected(output.CleanLine(d.Environment) + " is still in a source of the control repo: it was deployed, not deleted")
		}
	}
	if len(failed) > 0 {
		return (&failures{list: failed, all: len(list), after: o.waited.took}).error()
	}
	if missing := o.missing(list); len(missing) > 0 {
		return fmt.Errorf("the server's answer does not mention %s, so it is not known whether it was deleted", names(missing))
	}
	if err := o.app.notThereBefore(before, deleted); err != nil {
		return err
	}
	return o.app.waitGone(ctx, client, deleted)
}

// waitGone waits until environments are neither staged nor on any compiler.
func (a *app) waitGone(ctx context.Context, client follow.Looker, names []string) error {
	opts, stop := a.watchOptions(true)
	defer stop()
	state, err := follow.Watch(ctx, client, names, func(state *follow.State) (bool, error) { return gone(state), nil }, opts)
	return a.watchEnded(err, asDeletion(state), names)
}

// gone reports whether nothing of a state's environments is there.
func gone(state *follow.State) bool { return !slices.ContainsFunc(state.Environments, isThere) }

// isThere reports whether an environment is staged, live or under way.
func isThere(e follow.Environment) bool { return e.Staged || e.On > 0 || follow.InFlight(e.Status) }
