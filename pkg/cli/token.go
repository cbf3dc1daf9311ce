package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// tokenOptions are the dependencies and the flags of token.
type tokenOptions struct {
	app *app

	validFor lifetime
	format   format
}

func newTokenCommand(a *app) *cobra.Command {
	opts := &tokenOptions{app: a, format: newFormat()}
	command := &cobra.Command{
		Use:     "token [OPTIONS]",
		Short:   "Show who the token is for, and when it expires",
		GroupID: groupActions,
		Long: `Show whose token is in use, and when it expires. Token ends with 0 if the token
is valid, and with 4 if not. This does not count as a use of the token.`,
		Example: `  puppet-code token
  puppet-code token --valid-for 1d || echo "The token ends within a day."
  puppet-code token renew --lifetime 30d`,
		Args: noArguments,
		RunE: a.withConfig(opts.run),
	}
	f := command.Flags()
	f.Var(&opts.validFor, "valid-for", "end with 4 if the token is valid for less than this `time`, such as 2h or 1d")
	addQuiet(f, a)
	opts.format.add(f)
	command.AddCommand(newRenewCommand(a))
	return command
}

func (o *tokenOptions) run(ctx context.Context, cfg config.Config) (*result, error) {
	service, err := o.app.tokenServiceInUse(cfg)
	if err != nil {
		return nil, err
	}
	info, err := service.check(ctx, service.token)
	if err != nil {
		return nil, err
	}
	return o.result(info, service.origin), o.endsSooner(info)
}

// endsSooner checks --valid-for.
func (o *tokenOptions) endsSooner(info rbac.TokenInfo) error {
	switch left := remaining(info); {
	case o.validFor.text == "":
		return nil
	case info.Expires.IsZero():
		return errors.New("the server does not say when the token expires, so --valid-for cannot be checked")
	case left.Seconds() < o.validFor.seconds():
		return &exitError{
			err:    fmt.Errorf("the token is valid for %s, which is less than %s (--valid-for)", output.Age(left), o.validFor.text),
			status: ExitToken,
		}
	default:
		return nil
	}
}

func (o *tokenOptions) result(info rbac.TokenInfo, origin config.Origin) *result {
	sys := o.app.sys
	if o.format.isJSON(sys.Out) {
		return &result{json: true, write: func(w io.Writer) error { return writeTokenJSON(w, info, origin) }}
	}
	rows := tokenRows(info, origin)
	return &result{write: func(w io.Writer) error { return output.Facts(w, sys.style(sys.Out), rows) }}
}

// tokenRows are the rows of the table. A value that the server does not report is "", and is not shown.
func tokenRows(info rbac.TokenInfo, origin config.Origin) []output.Fact {
	user := info.Login
	if info.DisplayName != "" && info.DisplayName != user {
		user += " (" + info.DisplayName + ")"
	}
	until := "the server does not say"
	if !info.Expires.IsZero() {
		until = pointInTime(info.Expires) + " (for " + output.Age(remaining(info)) + ")"
	}
	return []output.Fact{
		{Name: "User", Text: user},
		{Name: "Label", Text: info.Label},
		{Name: "Description", Text: info.Description},
		{Name: "Made", Text: pointInTime(info.Created)},
		{Name: "Last used", Text: pointInTime(info.LastActive)},
		{Name: "Valid until", Text: until},
		{Name: "Token from", Text: origin.String()},
	}
}

// writeTokenJSON writes the server's object with the origin of the token added.
func writeTokenJSON(w io.Writer, info rbac.TokenInfo, origin config.Origin) error {
	object := map[string]jsontext.Value{}
	if err := json.Unmarshal(info.Raw, &object); err != nil {
		return fmt.Errorf("cannot write the answer as JSON: %w", err)
	}
	from, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	object["origin"] = from
	return output.WriteJSON(w, object)
}

// renewOptions are the dependencies and the flags of token renew.
type renewOptions struct {
	app *app

	newToken  newTokenOptions
	print     bool
	revokeOld bool
}

func newRenewCommand(a *app) *cobra.Command {
	opts := &renewOptions{app: a}
	command := &cobra.Command{
		Use:   "renew [OPTIONS]",
		Short: "Exchange the token for a new one, without a password",
		Long: `Get a new token for the user of the token in use, which must still be valid, and
save it as login does. The old token stays valid until it expires, unless
--revoke-old is given.`,
		Example: `  puppet-code token renew --lifetime 30d
  puppet-code token renew --revoke-old`,
		Args: noArguments,
		RunE: a.withConfig(opts.run),
	}
	command.Flags().BoolVar(&opts.revokeOld, "revoke-old", false, "revoke the old token once the new one is saved")
	command.Flags().BoolVar(&opts.print, "print", false, "write the token to standard output, and save nothing")
	opts.newToken.add(command)
	addQuiet(command.Flags(), a)
	return command
}

func (o *renewOptions) run(ctx context.Context, cfg config.Config) (*result, error) {
	destination, err := o.app.openDestination(cfg, o.print)
	if err != nil {
		return nil, err
	}
	defer destination.close()
	service, err := o.app.tokenServiceInUse(cfg)
	if err != nil {
		return nil, err
	}
	text, err := service.NewToken(ctx, o.newToken.options())
	if err != nil {
		return nil, service.failed(callRenew, err)
	}
	result, err := destination.put(ctx, service, text, "Renewed")
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
