package cli

import (
	"context"
	"slices"
	"strings"
	"time"

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
	if err != nil {
		status = output.Deleting
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
func goneLine(environments []string, state *follow.State) string {
	from := "all compilers"
	if len(state.Hosts(follow.Down)) > 0 {
		from = "all compilers that are up"
	}
	return "Gone from the primary and " + from + ": " + names(environments) + "."
}

// isGone reports whether a failure says that the environment is in no source.
func isGone(d codemanager.Deployment) bool {
	return d.Error != nil && strings.Contains(d.Error.Msg, "cannot be found in any source")
}

// judgeDeleted is the error of a deployment with --expect-deleted, nil if every environment is gone: the
// server says that it is in no source, and it is neither staged nor on a compiler. It waits for the
// compilers.
func (o *deployOptions) judgeDeleted(ctx context.Context, client follow.Looker, list []codemanager.Deployment, state *follow.State) error {
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
		return (&failures{list: failed, all: len(list), after: o.watched.took}).error()
	}
	o.app.notThereBefore(state.Before(), deleted)
	return o.waitGone(ctx, client, deleted, state)
}

// goneWithin is how long the compilers may take to remove an environment.
const goneWithin = time.Hour

// waitGone waits until environments are neither staged nor on any compiler that is waited for, also
// those that only looks of the deployment have shown.
func (o *deployOptions) waitGone(ctx context.Context, client follow.Looker, names []string, after *follow.State) error {
	ctx, cancel := context.WithTimeoutCause(ctx, goneWithin, &follow.UnknownError{
		Watched: true, Reason: "not all compilers have removed it after an hour",
	})
	defer cancel()
	opts, stop := o.app.watchOptions(true)
	defer stop()
	opts.After = after
	state, err := follow.Watch(ctx, client, names, func(state *follow.State) (bool, error) { return gone(state), nil }, opts)
	if state != nil {
		o.watched.state = state
	}
	if err != nil && !is[*follow.UnfinishedError](err) {
		return &exitError{err: err, status: ExitUnknown, advice: []string{"To keep watching: " + o.app.watchCommand(names)}}
	}
	return o.app.watchEnded(err, asDeletion(state), o.app.watchCommand(names))
}

// gone reports whether nothing of a state's environments is there.
func gone(state *follow.State) bool { return !slices.ContainsFunc(state.Environments, isThere) }

// isThere reports whether an environment is staged, live or under way.
func isThere(e follow.Environment) bool { return e.Staged || e.On > 0 || follow.InFlight(e.Status) }
