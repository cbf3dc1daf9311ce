package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// logoutOptions are the dependencies and the flags of logout.
type logoutOptions struct {
	app *app

	local bool
}

func newLogoutCommand(a *app) *cobra.Command {
	opts := &logoutOptions{app: a}
	command := &cobra.Command{
		Use:     "logout [OPTIONS]",
		Short:   "Revoke the token, and delete its file",
		GroupID: groupActions,
		Long: `Revoke the token in use on the server, for all machines that have it, and then
delete the token file if the token came from there. If the server can't be
reached, the file stays.`,
		Example: `  puppet-code logout
  puppet-code logout --local    delete the file alone`,
		Args: noArguments,
		RunE: a.withConfig(opts.run),
	}
	command.Flags().BoolVar(&opts.local, "local", false, "delete the token file alone: the token stays valid on the server")
	addQuiet(command.Flags(), a)
	return command
}

func (o *logoutOptions) run(ctx context.Context, cfg config.Config) (*result, error) {
	if o.local {
		return nil, o.deleteFile(cfg)
	}
	service, err := o.app.tokenServiceInUse(cfg)
	if err != nil {
		return nil, err
	}
	fromFile := service.origin.Layer == config.LayerFile && cfg.TokenFile.Text != "-"
	err = service.Revoke(ctx)
	switch {
	case err == nil:
		o.app.say("The token is revoked.")
	case isOver(err):
		o.app.say("Nothing to revoke: the server no longer accepts the token.")
	default:
		if fromFile {
			o.app.notice("The token file %s stays. To delete it alone: puppet-code logout --local", config.Presentable(cfg.TokenFile.Text))
		}
		return nil, service.failed(callRevoke, err)
	}
	if !fromFile {
		o.app.say("No file is deleted: the token came from %s.", service.origin)
		return nil, nil
	}
	return nil, o.deleteFile(cfg)
}

// isOver reports whether the token service says that a token is no longer valid. A 401 from a proxy
// does not say that.
func isOver(err error) bool {
	refused, ok := errors.AsType[*rbac.APIError](err)
	return ok && refused.StatusCode == http.StatusUnauthorized && strings.HasPrefix(refused.Kind, "puppetlabs.rbac/")
}

func (o *logoutOptions) deleteFile(cfg config.Config) error {
	path := cfg.TokenFile.Text
	if path == "" || path == "-" {
		return wrongUsage(errors.New("there is no token file to delete: name it with --token-file"))
	}
	removed, err := config.RemoveTokenFile(path)
	switch shown := config.Presentable(path); {
	case err != nil:
		return err
	case removed:
		o.app.say("The token file %s is deleted.", shown)
	default:
		o.app.say("There is no token file %s.", shown)
	}
	return nil
}
