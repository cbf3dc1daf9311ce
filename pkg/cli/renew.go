package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// renewOptions are the dependencies and the flags of token renew.
type renewOptions struct {
	app *app

	wishes    tokenWishes
	print     bool
	revokeOld bool
}

func newRenewCommand(a *app) *cobra.Command {
	opts := &renewOptions{app: a}
	command := &cobra.Command{
		Use:   "renew [OPTIONS]",
		Short: "Exchange the token for a new one, without a password",
		Long: `Renew gets a new token for the user of the token in use, which must still be
valid, and saves it as login does. The old token stays valid until it expires,
unless --revoke-old is given.`,
		Example: `  puppet-code token renew --lifetime 30d
  puppet-code token renew --revoke-old`,
		Args: noArguments,
		RunE: a.runs(func(cmd *cobra.Command, _ []string) (*result, error) { return opts.run(cmd.Context()) }),
	}
	command.Flags().BoolVar(&opts.revokeOld, "revoke-old", false, "revoke the old token once the new one is saved")
	command.Flags().BoolVar(&opts.print, "print", false, "write the token to standard output, and save nothing")
	opts.wishes.add(command)
	addQuiet(command.Flags(), a)
	return command
}

func (o *renewOptions) run(ctx context.Context) (*result, error) {
	wishes, err := o.wishes.options()
	if err != nil {
		return nil, err
	}
	cfg, err := o.app.config()
	if err != nil {
		return nil, err
	}
	place, err := o.app.openPlace(cfg, o.print)
	if err != nil {
		return nil, err
	}
	defer place.close()
	service, err := o.app.tokenServiceInUse(cfg)
	if err != nil {
		return nil, err
	}
	defer service.Close()
	text, err := service.NewToken(ctx, wishes)
	if err != nil {
		return nil, service.failed(callRenew, err)
	}
	result, err := place.put(ctx, service, text, "Renewed")
	if err != nil {
		return nil, err
	}
	if o.revokeOld {
		if err := service.failed(callRevoke, service.Revoke(ctx)); err != nil {
			return result, fmt.Errorf("the new token is good, but the old one could not be revoked: %w", err)
		}
		o.app.say("The old token is revoked.")
	}
	return result, nil
}
