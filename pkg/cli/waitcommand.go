package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// defaultWait is the default --timeout of wait, because the awaited deployment may never come.
const defaultWait = time.Hour

// waitOptions are the dependencies and the flags of wait: those of a deployment that somebody else
// triggers.
type waitOptions struct {
	deployOptions

	// idle is true if nothing was in flight at the first look.
	idle bool
}

func newWaitCommand(a *app) *cobra.Command {
	opts := &waitOptions{deployOptions: deployOptions{app: a, client: a.deployer, format: newFormat(formatSignature)}}
	command := &cobra.Command{
		Use:        "wait {ENVIRONMENT... | --branch NAME} [OPTIONS]",
		Short:      "Wait for a deployment that somebody else triggers",
		GroupID:    groupActions,
		SuggestFor: []string{"watch"},
		Long: `Wait until no deployment of the environments is in flight and all compilers have
them; or, with --expect, until a commit is live on all compilers, whoever
triggers its deployment: a webhook, a colleague, a cron job. Wait deploys
nothing.`,
		Example: `  puppet-code wait production
  puppet-code wait production --expect "$(git rev-parse HEAD)"
  puppet-code wait --branch feature/x --expect-deleted`,
		ValidArgsFunction: a.completeEnvironments,
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			opts.environments = args
			if err := opts.validate(cmd); err != nil {
				return nil, err
			}
			return opts.run(cmd.Context())
		}),
	}
	f := command.Flags()
	opts.addExpect(f, "")
	opts.addCommon(f, "")
	opts.timeout, f.Lookup("timeout").DefValue = defaultWait, "1h"
	return command
}

func (o *waitOptions) validate(cmd *cobra.Command) error {
	var problem string
	if len(o.environments)+len(o.branches) == 0 {
		problem = "nothing to wait for: name an environment, or use --branch"
	}
	return o.validateNames(cmd, problem)
}

func (o *waitOptions) run(ctx context.Context) (*result, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := withTimeout(ctx, o.timeout)
	defer cancel()
	if o.timeout == defaultWait {
		o.app.say("Waiting for at most 1h (--timeout).")
	}
	looker, looked := &keptLooker{client: client}, 0
	o.watched.began = time.Now()
	opts, stop := o.app.watchOptions(o.expect.deleted)
	state, err := follow.Watch(ctx, looker, o.environments, func(state *follow.State) (bool, error) {
		looked++
		return o.until(ctx, state, looker.status, looked == 1)
	}, opts)
	stop()
	if err == nil {
		o.app.warnPassedOver(state)
	}
	shown := state
	if o.expect.deleted {
		shown = asDeletion(state)
	}
	err = o.app.watchEnded(err, shown, o.again())
	if ended, ok := errors.AsType[*exitError](err); ok && ended.open && o.instead(state) != "" {
		ended.advice = slices.Insert(ended.advice, 0, o.instead(state))
	}
	return o.outcome(state, err), err
}

// again is the command for the same wait.
func (o *waitOptions) again() string {
	words := append([]string{"wait"}, o.environments...)
	switch {
	case o.expect.deleted:
		words = append(words, "--expect-deleted")
	case o.expect.commit != "":
		words = append(words, "--expect", o.expect.commit)
	}
	return o.app.command(words)
}

// instead says which commit is deployed instead of the expected one, "" if that is not known, or if
// the expected one is deployed.
func (o *waitOptions) instead(state *follow.State) string {
	if o.expect.commit == "" || state == nil {
		return ""
	}
	name := codemanager.EnvironmentName(o.environments[0])
	switch e := state.Environment(name); {
	case e == nil || e.Signature == "":
		return fmt.Sprintf("%s is not deployed at any commit.", name)
	case o.expect.meets(e.Signature):
		return ""
	default:
		return fmt.Sprintf("%s is at %s, not at %s.", name, output.CleanLine(e.Signature), o.expect.commit)
	}
}

// until decides after one look whether the wait ends.
func (o *waitOptions) until(ctx context.Context, state *follow.State, status *codemanager.DeploysStatus, first bool) (bool, error) {
	switch {
	case o.expect.deleted:
		if first {
			o.app.notThereBefore(state.Before(), o.environments)
		}
		return gone(state), nil
	case o.expect.commit != "":
		return o.untilCommit(ctx, state)
	}
	if err := unknownInWatch(o.environments, status, state); err != nil {
		return true, err
	}
	if state.InFlight() {
		return false, nil
	}
	if o.idle = first; first {
		o.app.say("Nothing is in flight. A webhook may not have arrived yet: use --expect COMMIT to wait for a commit.")
	}
	var took time.Duration
	if !first {
		took = time.Since(o.watched.began)
	}
	return true, endOfWatch(state, took)
}

// untilCommit waits for one commit: through deployments of others, an environment that is not there
// yet, and failures of deployments that began before the wait.
func (o *waitOptions) untilCommit(ctx context.Context, state *follow.State) (bool, error) {
	name := codemanager.EnvironmentName(o.environments[0])
	if e := state.Environment(name); e != nil && e.Everywhere && o.expect.meets(e.Signature) {
		return true, nil
	} else if e != nil && e.Everywhere && e.Signature != "" && o.app.relation(ctx, e.Signature, o.expect.commit) == newer {
		return true, o.app.otherCommit(ctx, name, e.Signature, o.expect.commit)
	}
	for _, f := range state.Failures {
		if f.Environment == name && f.Appeared {
			d := codemanager.Deployment{Environment: name, ID: f.ID, Status: codemanager.StatusFailed, Error: f.Error}
			return true, (&failures{list: []codemanager.Deployment{d}, all: 1, after: time.Since(o.watched.began)}).error()
		}
	}
	return false, nil
}

// outcome has the form of a deployment result. Err is the error of the wait.
func (o *waitOptions) outcome(state *follow.State, err error) *result {
	o.watched.took, o.watched.state = time.Since(o.watched.began), state
	if state == nil {
		o.summarize(nil, err, "")
		return nil
	}
	list := state.Deployments()
	for i, e := range state.Environments {
		if err == nil && e.Everywhere {
			// Another deployment may already be in flight, but this wait was for an earlier one.
			list[i] = codemanager.Deployment{Environment: e.Name, Status: codemanager.StatusComplete, DeploySignature: e.Signature}
		}
	}
	o.summarize(list, err, o.verdict())
	shown := o.result(list, err)
	if err == nil {
		shown.done = o.done(state)
	}
	return shown
}

// verdict says what a success was, in words of ours alone.
func (o *waitOptions) verdict() string {
	took := output.Duration(o.watched.took)
	switch {
	case o.expect.deleted:
		return "Deleted after " + took
	case o.expect.commit != "":
		return "The expected commit is live after " + took
	case o.idle:
		return "Nothing is in flight"
	default:
		return "Nothing is in flight after " + took
	}
}

// done is the summary line of a wait, "" if it had nothing to wait for.
func (o *waitOptions) done(state *follow.State) string {
	took := o.watched.took
	switch {
	case o.expect.deleted:
		return goneLine(o.environments, state)
	case o.expect.commit != "":
		return fmt.Sprintf("%s is live at %s after %s.", names(environmentNames(state)), o.expect.commit, output.Duration(took))
	case o.idle:
		return ""
	default:
		return idleLine(took)
	}
}
