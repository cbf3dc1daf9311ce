package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// deploysReader is the part of the client that status deploys uses.
type deploysReader interface {
	DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error)
	RawDeploysStatus(ctx context.Context, id codemanager.ID) (*codemanager.RawBody, error)
}

// statusDeploysOptions are the dependencies and the flags of status deploys.
type statusDeploysOptions struct {
	app    *app
	client func() (deploysReader, error)

	environments []string
	id           int64
	hasID        bool
	watch        bool
	allFailures  bool
	utc          bool
	timeout      time.Duration
	format       format
}

func newStatusDeploysCommand(a *app) *cobra.Command {
	opts := &statusDeploysOptions{app: a, format: newFormat()}
	opts.client = func() (deploysReader, error) {
		client, err := a.client(tokenRequired)
		if err == nil && opts.watch {
			client = client.WithoutRetries() // the watch repeats the request itself
		}
		return client, err
	}
	command := &cobra.Command{
		Use:   "deploys [ENVIRONMENT...] [OPTIONS]",
		Short: "Show what is queued, deploying, failed, staged and live",
		Long: `Deploys shows the state and the staged commit of each environment, the code of
each compiler, and the latest failure of each environment that Code Manager
still lists. If you name environments, it shows only these. DIFFERENT counts the
environments whose code on a compiler differs from the staged code. Times are in
your time zone; AGE is by the server's clock.

With --watch it continues until nothing is in flight, and ends with 3 if the
latest deployment of one of the environments failed.`,
		Example: `  puppet-code status deploys
  puppet-code status deploys production --watch
  puppet-code status deploys --format json
  puppet-code status deploys --id 42`,
		ValidArgsFunction: a.completeEnvironments,
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			opts.environments = args
			opts.hasID = cmd.Flags().Changed("id")
			if err := opts.validate(cmd); err != nil {
				return nil, err
			}
			ctx, cancel := withTimeout(cmd.Context(), opts.timeout)
			defer cancel()
			return opts.run(ctx)
		}),
	}
	f := command.Flags()
	f.Int64Var(&opts.id, "id", 0, "show the deployment with this `number` in the queue")
	f.BoolVar(&opts.watch, "watch", false, "show changes until nothing is in flight")
	f.BoolVar(&opts.allFailures, "all-failures", false, "show all failures that Code Manager knows of, not only the latest of each environment")
	f.BoolVar(&opts.utc, "utc", false, "show times in UTC, not in the local time zone")
	addTimeout(f, &opts.timeout, "")
	addQuiet(f, a)
	opts.format.add(f)
	return command
}

func (o *statusDeploysOptions) validate(cmd *cobra.Command) error {
	var problem string
	switch {
	case o.hasID && len(o.environments) > 0:
		problem = "--id shows one deployment: leave out the environments"
	case o.hasID && o.watch:
		problem = "--id and --watch cannot be used together"
	case o.hasID && o.id < 0:
		problem = "--id must not be negative"
	case hasEmpty(o.environments):
		problem = "the name of an environment is empty"
	}
	return usageProblem(cmd, o.timeout, problem)
}

func (o *statusDeploysOptions) run(ctx context.Context) (*result, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	switch {
	case o.hasID:
		return o.one(ctx, client)
	case o.watch:
		return o.watchAll(ctx, client)
	case o.format.isJSON(o.app.sys.Out):
		return nil, o.copyJSON(ctx, client)
	}
	status, err := client.DeploysStatus(ctx)
	if err != nil {
		return nil, fromServer(err)
	}
	state := follow.Read(status, o.environments)
	if len(o.environments) == 0 {
		return o.table(state), nil
	}
	return o.table(state), unknownNames(o.environments, environmentNames(follow.Read(status, nil)))
}

func (o *statusDeploysOptions) table(state *follow.State) *result {
	opts := output.DeploysOptions{Zone: time.Local, AllFailures: o.allFailures}
	if o.utc {
		opts.Zone = time.UTC
	}
	return &result{write: func(w io.Writer) error { return output.DeploysStatus(w, o.app.style(o.app.sys.Out), state, opts) }}
}

// copyJSON streams the answer, which can have 30 MB.
func (o *statusDeploysOptions) copyJSON(ctx context.Context, client deploysReader) error {
	body, err := client.RawDeploysStatus(ctx, "")
	if err != nil {
		return fromServer(err)
	}
	defer body.Close()
	out := io.Writer(o.app.sys.Out)
	if o.app.inActions() {
		out = output.ActionsJSON(out)
	}
	seen, err := output.CopyJSON(out, body, o.environments)
	if err != nil {
		return fromServer(body.Unreadable(err))
	}
	return unknownNames(o.environments, slices.Collect(maps.Keys(seen)))
}

// one shows the deployment with an id. The form of the answer is not documented. If it looks like a
// deployment, it is shown as a table, otherwise unchanged.
func (o *statusDeploysOptions) one(ctx context.Context, client deploysReader) (*result, error) {
	body, err := client.RawDeploysStatus(ctx, codemanager.ID(fmt.Sprint(o.id)))
	if err != nil {
		return nil, fromServer(err)
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fromServer(body.Unreadable(err))
	}
	deployment, known := output.OneDeployment(raw)
	if known && deployment.Failed() {
		err = (&failures{list: []codemanager.Deployment{deployment}, all: 1}).error()
	}
	sys := o.app.sys
	switch isJSON := o.format.isJSON(sys.Out); {
	case known && !isJSON:
		return &result{write: func(w io.Writer) error {
			return output.Deployments(w, o.app.style(sys.Out), []codemanager.Deployment{deployment})
		}}, err
	case !isJSON:
		o.app.say("The answer does not fit a table and is shown as JSON.")
	}
	return &result{json: true, write: func(w io.Writer) error {
		_, err := output.CopyJSON(w, bytes.NewReader(raw), nil)
		return body.Unreadable(err)
	}}, err
}

// watchAll repeats the request until nothing is in flight. The last answer is the result and
// decides the exit status.
func (o *statusDeploysOptions) watchAll(ctx context.Context, client deploysReader) (*result, error) {
	looker := &keptLooker{client: client, raw: o.format.isJSON(o.app.sys.Out)}
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
		return true, verdict(state, took)
	}, opts)
	stop()
	o.app.warnPassedOver(state)
	shown := o.watched(state, looker)
	if err == nil && waited {
		shown.done = idleLine(took)
	}
	return shown, o.app.watchEnded(err, state, o.environments)
}

// verdict is the error of a watch after which nothing is in flight, nil if the deployments did not fail.
// Took is its duration, 0 if there was nothing to wait for.
func verdict(state *follow.State, took time.Duration) error {
	if state.Failed() > 0 {
		return (&failures{list: failedOf(state), all: len(state.Environments), after: took}).error()
	}
	if lost := state.Lost(); len(lost) > 0 {
		return lostOutcome(lost)
	}
	return nil
}

// watched is the last answer of a watch, nil without an answer.
func (o *statusDeploysOptions) watched(state *follow.State, looker *keptLooker) *result {
	if state == nil {
		return nil
	}
	if !looker.raw {
		return o.table(state)
	}
	return &result{json: true, write: func(w io.Writer) error {
		_, err := output.CopyJSON(w, bytes.NewReader(looker.body), o.environments)
		return err
	}}
}

// lostOutcome is a watch that saw deployments, but not their outcome.
func lostOutcome(environments []string) error {
	return &exitError{
		err: errors.New("the outcome for " + names(environments) + " is unknown: the deployment left the queue while the server did not answer, " +
			"and nothing was staged since. The server may have been restarted"),
		status: ExitUnknown,
		advice: []string{"What to do: check the log of Code Manager, or deploy again."},
	}
}

// unknownInWatch is the error for names that are not among the environments of a look, nor among those
// that the watch has seen before.
func unknownInWatch(asked []string, status *codemanager.DeploysStatus, state *follow.State) error {
	return unknownNames(asked, append(environmentNames(follow.Read(status, nil)), state.Lost()...))
}

// idleLine is the summary line of a watch.
func idleLine(took time.Duration) string {
	return "Nothing is in flight after " + output.Lasted(took) + "."
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

// keptLooker keeps the latest answer, and its JSON if the result is JSON.
type keptLooker struct {
	client follow.Looker
	// raw reads the answer as JSON, from a client that is a deploysReader.
	raw    bool
	status *codemanager.DeploysStatus
	body   []byte
}

// DeploysStatus makes it a follow.Looker.
func (k *keptLooker) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	if !k.raw {
		status, err := k.client.DeploysStatus(ctx)
		if err == nil {
			k.status = status
		}
		return status, err
	}
	body, err := k.client.(deploysReader).RawDeploysStatus(ctx, "")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var status *codemanager.DeploysStatus
	text, err := io.ReadAll(body)
	if err == nil {
		status, err = codemanager.ReadDeploysStatus(bytes.NewReader(text))
	}
	if err != nil {
		return nil, body.Unreadable(err)
	}
	k.status, k.body = status, text
	return status, nil
}
