package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// statusDeploysOptions are the dependencies and the flags of status deploys.
type statusDeploysOptions struct {
	app    *app
	client func() (follow.Looker, error)

	environments []string
	watch        bool
	allFailures  bool
	failed       bool
	utc          bool
	timeout      time.Duration
	format       format
}

func newStatusDeploysCommand(a *app) *cobra.Command {
	opts := &statusDeploysOptions{app: a, format: newFormat()}
	opts.client = func() (follow.Looker, error) {
		client, err := a.client()
		if err == nil && opts.watch {
			client = client.WithoutRetries() // the watch repeats the request itself
		}
		return client, err
	}
	command := &cobra.Command{
		Use:   "deploys [ENVIRONMENT...] [OPTIONS]",
		Short: "Show what is queued, deploying, failed, staged and live",
		Long: `Show the state and the staged commit of each environment, the code of each
compiler, and the latest failure of each environment that Code Manager still
lists. If you name environments, only these are shown. DIFFERENT counts the
environments whose code on a compiler differs from the staged code. Times are in
your time zone; AGE is by the server's clock.

With --watch it continues until nothing is in flight, and ends with 3 if the
latest deployment of one of the environments failed.`,
		Example: `  puppet-code status deploys
  puppet-code status deploys production --watch
  puppet-code status deploys --failed
  puppet-code status deploys --format json`,
		ValidArgsFunction: a.completeEnvironments,
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			opts.environments = args
			problem := ""
			switch {
			case hasEmpty(args):
				problem = "the name of an environment is empty"
			case opts.failed && opts.format.value == "json":
				problem = "--failed has no JSON: use --format table"
			case opts.failed:
				opts.format.value = "table"
			}
			if err := usageProblem(cmd, opts.timeout, problem); err != nil {
				return nil, err
			}
			ctx, cancel := withTimeout(cmd.Context(), opts.timeout)
			defer cancel()
			return opts.run(ctx)
		}),
	}
	f := command.Flags()
	f.BoolVar(&opts.watch, "watch", false, "show changes until nothing is in flight")
	f.BoolVar(&opts.allFailures, "all-failures", false, "show all failures that Code Manager knows of, not only the latest of each environment")
	f.BoolVar(&opts.failed, "failed", false, "show only what needs attention, as a table: environments that failed, compilers that are behind or down")
	f.BoolVar(&opts.utc, "utc", false, "show times in UTC, not in the local time zone")
	addTimeout(f, &opts.timeout, "")
	addQuiet(f, a)
	opts.format.add(f)
	return command
}

func (o *statusDeploysOptions) run(ctx context.Context) (*result, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	if o.watch {
		return o.watchAll(ctx, client)
	}
	status, err := client.DeploysStatus(ctx)
	if err != nil {
		return nil, fromServer(err)
	}
	var state *follow.State // JSON needs none
	if !o.format.isJSON(o.app.sys.Out) {
		state = follow.Read(status, o.environments)
	}
	shown := o.shown(status, state)
	if len(o.environments) == 0 {
		return shown, nil
	}
	return shown, unknownNames(o.environments, environmentNames(follow.Read(status, nil)))
}

// shown is an answer as JSON, or as a table of the state that it tells of, nil for JSON.
func (o *statusDeploysOptions) shown(status *codemanager.DeploysStatus, state *follow.State) *result {
	if o.format.isJSON(o.app.sys.Out) {
		return &result{json: true, write: func(w io.Writer) error { return output.CopyJSON(w, status.Raw, o.environments) }}
	}
	opts := output.DeploysOptions{Zone: time.Local, AllFailures: o.allFailures, Attention: o.failed}
	if o.utc {
		opts.Zone = time.UTC
	}
	return &result{write: func(w io.Writer) error { return output.DeploysStatus(w, o.app.style(o.app.sys.Out), state, opts) }}
}

// watchAll repeats the request until nothing is in flight. The last answer is the result and
// decides the exit status.
func (o *statusDeploysOptions) watchAll(ctx context.Context, client follow.Looker) (*result, error) {
	looker := &keptLooker{client: client}
	opts, stop := o.app.watchOptions(false)
	began, waited := time.Now(), false
	var took time.Duration // 0 if there was nothing to wait for
	state, err := follow.Watch(ctx, looker, o.environments, func(state *follow.State) (bool, error) {
		if err := unknownInWatch(o.environments, looker.status, state); err != nil {
			return true, err
		}
		if waited = waited || state.InFlight(); waited {
			took = time.Since(began)
		}
		if state.InFlight() {
			return false, nil
		}
		return true, endOfWatch(state, took)
	}, opts)
	stop()
	if err == nil {
		o.app.warnPassedOver(state)
	}
	var shown *result
	if state != nil {
		shown = o.shown(looker.status, state)
	}
	if err == nil && waited {
		shown.done = idleLine(took)
	}
	return shown, o.app.watchEnded(err, state, o.app.watchCommand(o.environments))
}

// endOfWatch is the error of a watch after which nothing is in flight, nil if the deployments did not fail.
// Took is its duration, 0 if there was nothing to wait for.
func endOfWatch(state *follow.State, took time.Duration) error {
	if state.Failed() > 0 {
		return (&failures{list: failedOf(state), all: len(state.Environments), after: took}).error()
	}
	if lost := state.Lost(); len(lost) > 0 {
		return lostOutcome(lost)
	}
	return nil
}

// lostOutcome is a watch that saw deployments, but not their outcome.
func lostOutcome(environments []string) error {
	return &exitError{
		err: errors.New("the outcome for " + names(environments) + " is unknown: the deployment left the queue, and nothing shows that it was staged. " +
			"A look failed or came late, and the server may have been restarted"),
		status: ExitUnknown,
		advice: []string{"What to do: check the log of Code Manager, or deploy again."},
	}
}

// unknownInWatch is the error for names that are not among the environments of a look, nor among those
// that the watch has seen before.
func unknownInWatch(asked []string, status *codemanager.DeploysStatus, state *follow.State) error {
	return unknownNames(asked, append(environmentNames(follow.Read(status, nil)), environmentNames(state)...))
}

// idleLine is the summary line of a watch.
func idleLine(took time.Duration) string {
	return "Nothing is in flight after " + output.Duration(took) + "."
}

func failedOf(state *follow.State) []codemanager.Deployment {
	var failed []codemanager.Deployment
	for _, d := range state.Deployments() {
		if d.Status == codemanager.StatusFailed {
			failed = append(failed, d)
		}
	}
	return failed
}

// keptLooker keeps the latest answer.
type keptLooker struct {
	client follow.Looker
	status *codemanager.DeploysStatus
}

// DeploysStatus makes it a follow.Looker.
func (k *keptLooker) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	status, err := k.client.DeploysStatus(ctx)
	if err == nil {
		k.status = status
	}
	return status, err
}
