package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// statusOptions are the dependencies and the flags of status.
type statusOptions struct {
	app *app

	level   choice
	timeout time.Duration
	format  format
}

func newStatusCommand(a *app) *cobra.Command {
	opts := &statusOptions{app: a, level: choice{value: "info", words: []string{"info"}}, format: newFormat()}
	command := &cobra.Command{
		Use:     "status [OPTIONS]",
		Short:   "Show the health of Code Manager and file sync",
		GroupID: groupActions,
		Long: `Show whether Code Manager and file sync are running. Status ends with 0 only if
both are. It needs no token, but sends one if you have it. To see the
deployments, use status deploys.`,
		Example: `  puppet-code status
  puppet-code status --format json
  puppet-code status deploys`,
		SuggestFor: []string{"list", "ls"},
		Args: func(cmd *cobra.Command, args []string) error {
			err := noArguments(cmd, args)
			if err != nil && len(cmd.SuggestionsFor(args[0])) == 0 {
				err = fmt.Errorf("%w. To see its deployments: puppet-code status deploys %s", err, quoted(args[0]))
			}
			return err
		},
		RunE: a.runs(func(cmd *cobra.Command, _ []string) (*result, error) {
			if err := usageProblem(cmd, opts.timeout, ""); err != nil {
				return nil, err
			}
			ctx, cancel := withTimeout(cmd.Context(), opts.timeout)
			defer cancel()
			return opts.run(ctx)
		}),
	}
	f := command.Flags()
	f.Var(&opts.level, "level", "level of detail; Code Manager supports no other")
	addTimeout(f, &opts.timeout, "")
	addQuiet(f, a)
	opts.format.add(f)
	command.AddCommand(newStatusDeploysCommand(a))
	return command
}

func (o *statusOptions) run(ctx context.Context) (*result, error) {
	cfg, err := o.app.config()
	if err != nil {
		return nil, err
	}
	token, err := o.app.token(cfg)
	if missing, ok := errors.AsType[*config.TokenError](err); ok && missing.Missing {
		o.app.logger().Debug("continuing without a token", "reason", err.Error())
	} else if err != nil {
		return nil, err
	}
	client, err := o.app.clientOf(cfg, token)
	if err != nil {
		return nil, err
	}
	status, err := client.Status(ctx)
	if err != nil {
		return nil, fromServer(err)
	}
	for _, alert := range status.Alerts {
		o.app.say("Alert: %s", output.CleanLine(string(alert)))
	}
	err = unhealthy(output.HealthProblems(status))
	sys := o.app.sys
	if o.format.isJSON(sys.Out) {
		return &result{json: true, write: func(w io.Writer) error { return output.WriteJSON(w, status.Raw) }}, err
	}
	if !o.app.quiet {
		o.app.say("Token: %s.", strings.TrimSuffix(o.app.tokenState(ctx, cfg, token), "."))
	}
	return &result{write: func(w io.Writer) error { return output.ServiceStatus(w, o.app.style(sys.Out), status) }}, err
}

// tokenState is whether the token service accepts the token, and until when. It is for people: a
// service that does not answer must not keep them waiting, and changes nothing else.
func (a *app) tokenState(ctx context.Context, cfg config.Config, token config.Token) string {
	if token.IsZero() {
		return "there is none; puppet-code login gets one"
	}
	service, err := a.tokenService(cfg, token)
	if err != nil {
		return "not checked: " + err.Error()
	}
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the token service did not answer within 5 s"))
	defer cancel()
	info, err := service.WithoutRetries().Authenticate(ctx)
	refused, isRefused := errors.AsType[*rbac.APIError](err)
	switch {
	case err == nil:
		return "accepted, " + validUntil(info)
	case isRefused && isUnaccepted(refused):
		return "not accepted: " + refused.Message
	default:
		return "not checked: " + reasonOf(err)
	}
}

// unhealthy is the error for the problems of the service, nil if there are none.
func unhealthy(problems []string) error {
	list := make([]error, len(problems))
	for i, problem := range problems {
		list[i] = errors.New(problem)
	}
	return errors.Join(list...)
}
