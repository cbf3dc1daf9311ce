package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// errUnhealthy ends status where its problems were said already.
var errUnhealthy = errors.New("the service is not healthy")

// statusReader is what status needs of the client.
type statusReader interface {
	Status(ctx context.Context, level string) (codemanager.ServiceStatus, error)
}

// statusOptions are one look at the service's health.
type statusOptions struct {
	app    *app
	client func() (statusReader, error)

	level  choice
	format format
}

func newStatusCommand(a *app) *cobra.Command {
	opts := &statusOptions{
		app:    a,
		client: func() (statusReader, error) { return a.client(tokenIfAny) },
		level:  choice{value: "info", words: []string{"info"}},
		format: newFormat(),
	}
	command := &cobra.Command{
		Use:   "status [OPTIONS]",
		Short: "Show the health of Code Manager and file sync",
		Long: `Status asks whether Code Manager and file sync are running. It ends with 0 only
when everything is. It needs no token, and sends one where there is one. Status
deploys shows what Code Manager is doing.`,
		Example: `  puppet-code status
  puppet-code status --format json
  puppet-code status deploys`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return opts.run(cmd.Context()) },
	}
	command.Flags().Var(&opts.level, "level", "how much to ask for; Code Manager supports no other")
	opts.format.add(command.Flags())
	command.AddCommand(newStatusDeploysCommand(a))
	return command
}

func (o *statusOptions) run(ctx context.Context) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	status, err := client.Status(ctx, o.level.value)
	if err != nil {
		return err
	}
	if err := o.write(status); err != nil {
		return err
	}
	for _, alert := range status.Alerts {
		o.app.notice("Alert: %s", output.CleanLine(string(alert)))
	}
	problems := output.HealthProblems(status)
	for _, problem := range problems {
		o.app.noticeError(problem)
	}
	if len(problems) > 0 {
		return errUnhealthy
	}
	return nil
}

func (o *statusOptions) write(status codemanager.ServiceStatus) error {
	sys := o.app.sys
	if o.format.isJSON(sys.Out) {
		return written(output.WriteJSON(sys.Out, status))
	}
	return written(output.ServiceStatus(sys.Out, sys.style(sys.Out), status))
}
