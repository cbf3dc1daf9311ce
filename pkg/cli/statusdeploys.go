package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// deploysReader is what status deploys needs of the client.
type deploysReader interface {
	DeploysStatus(ctx context.Context) (*codemanager.Snapshot, error)
	StreamDeploysStatus(ctx context.Context, id *int64, read func(body *codemanager.Body) error) error
}

// statusDeploysOptions are one look, or a watch, at what Code Manager does.
type statusDeploysOptions struct {
	app    *app
	client func() (deploysReader, error)

	environments []string
	id           int64
	hasID        bool
	watch        bool
	timeout      time.Duration
	quiet        bool
	format       format
}

func newStatusDeploysCommand(a *app) *cobra.Command {
	opts := &statusDeploysOptions{
		app:    a,
		client: func() (deploysReader, error) { return a.client(tokenRequired) },
		format: newFormat(),
	}
	command := &cobra.Command{
		Use:   "deploys [ENVIRONMENT...] [OPTIONS]",
		Short: "Show what is queued, deploying, failed, staged and live",
		Long: `Deploys shows each environment with its state and the commit that is staged, the
compilers with what they have, and the failures that Code Manager still knows
of. With names it shows these environments alone.

With --watch it goes on until nothing is in flight, and ends with 3 if one of
the environments has failed since it was last deployed.`,
		Example: `  puppet-code status deploys
  puppet-code status deploys production --watch
  puppet-code status deploys --format json
  puppet-code status deploys --id 42`,
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.environments = args
			opts.hasID = cmd.Flags().Changed("id")
			if err := opts.validate(cmd); err != nil {
				return err
			}
			ctx, cancel := withTimeout(cmd.Context(), opts.timeout)
			defer cancel()
			return opts.run(ctx)
		},
	}
	f := command.Flags()
	f.Int64Var(&opts.id, "id", 0, "show the deployment with this `number` in the queue")
	f.BoolVar(&opts.watch, "watch", false, "show changes until nothing is in flight")
	f.DurationVar(&opts.timeout, "timeout", 0, "give up after this `time`, such as 90s or 15m")
	f.BoolVarP(&opts.quiet, "quiet", "q", false, "say nothing but the result and errors")
	opts.format.add(f)
	return command
}

func (o *statusDeploysOptions) validate(cmd *cobra.Command) error {
	var problem string
	switch {
	case o.hasID && len(o.environments) > 0:
		problem = "--id shows one deployment: name no environments with it"
	case o.hasID && o.watch:
		problem = "--id and --watch exclude each other"
	case o.hasID && o.id < 0:
		problem = "--id is less than zero"
	case hasEmpty(o.environments):
		problem = "the name of an environment is empty"
	case cmd.Flags().Changed("timeout") && o.timeout <= 0:
		problem = "--timeout must be more than nothing, such as 90s or 15m"
	default:
		return nil
	}
	return &usageError{err: errors.New(problem), command: cmd.CommandPath()}
}

func (o *statusDeploysOptions) run(ctx context.Context) error {
	o.app.quiet = o.quiet
	client, err := o.client()
	if err != nil {
		return err
	}
	switch {
	case o.hasID:
		return o.one(ctx, client)
	case o.watch:
		return o.watchAll(ctx, client)
	default:
		return o.show(ctx, client)
	}
}

// show writes one answer: in JSON as it arrives, in a table when it is whole.
func (o *statusDeploysOptions) show(ctx context.Context, client deploysReader) error {
	sys := o.app.sys
	if o.format.isJSON(sys.Out) {
		return client.StreamDeploysStatus(ctx, nil, func(body *codemanager.Body) error {
			return output.StreamDeploysStatus(sys.Out, body, o.environments)
		})
	}
	snapshot, err := client.DeploysStatus(ctx)
	if err != nil {
		return err
	}
	return o.table(snapshot)
}

func (o *statusDeploysOptions) table(snapshot *codemanager.Snapshot) error {
	sys := o.app.sys
	overview := codemanager.NewOverview(snapshot, o.environments)
	return written(output.DeploysStatus(sys.Out, sys.style(sys.Out), overview))
}

// one writes the answer for an id. Its form is not documented: a table is
// made where it looks like a deployment, else it is shown as it came.
func (o *statusDeploysOptions) one(ctx context.Context, client deploysReader) error {
	sys := o.app.sys
	return client.StreamDeploysStatus(ctx, &o.id, func(body *codemanager.Body) error {
		if o.format.isJSON(sys.Out) {
			return output.StreamDeploysStatus(sys.Out, body, nil)
		}
		return output.OneDeployment(sys.Out, sys.style(sys.Out), body)
	})
}
