package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// printConfigOptions are the dependencies and the flags of print-config.
type printConfigOptions struct {
	app *app

	showToken bool
	format    choice
}

func newPrintConfigCommand(a *app) *cobra.Command {
	opts := &printConfigOptions{app: a, format: choice{words: []string{"json"}}}
	command := &cobra.Command{
		Use:     "print-config [OPTIONS]",
		Short:   "Show the configuration after all layers",
		GroupID: groupActions,
		Long: `Show the configuration that results from the command line, the environment, the
configuration files and the defaults. The token is hidden unless you use
--show-token. In JSON, each value has its origin.`,
		Example: `  puppet-code print-config
  puppet-code print-config --format json
  puppet-code --config-file other.conf print-config`,
		Args: noArguments,
		RunE: a.withConfig(opts.run),
	}
	f := command.Flags()
	f.BoolVar(&opts.showToken, "show-token", false, "show the token itself")
	f.VarP(&opts.format, "format", "F", "format of the result (default: lines of key: \"value\")")
	return command
}

// setting is one line of the result.
type setting struct {
	key, text string
	origin    config.Origin
}

func (o *printConfigOptions) run(_ context.Context, cfg config.Config) (*result, error) {
	o.app.warn(cfg)
	if cfg.TrustedFile() == "" {
		o.app.notice("Note: there is no file %s: the system's authorities are trusted.", cfg.CACert.Text)
	}
	token, err := o.token(cfg)
	if err != nil {
		return nil, err
	}
	settings := []setting{
		{config.KeyServiceURL, cfg.ServiceURL.URLForDisplay(), cfg.ServiceURL.Origin},
		{config.KeyCACert, config.Presentable(cfg.CACert.Text), cfg.CACert.Origin},
		{config.KeyTokenFile, config.Presentable(cfg.TokenFile.Text), cfg.TokenFile.Origin},
		token,
	}
	if o.format.value == "json" {
		rbacURL, err := cfg.RBACURL()
		if err != nil {
			return nil, wrongUsage(err)
		}
		settings = append(settings, setting{config.KeyRBACURL, rbacURL.URLForDisplay(), rbacURL.Origin})
		values := map[string]config.Value{}
		for _, s := range settings {
			values[s.key] = config.Value{Text: s.text, Origin: s.origin}
		}
		return &result{json: true, write: func(w io.Writer) error { return output.WriteJSON(w, values) }}, nil
	}
	var b strings.Builder
	for _, s := range settings {
		// The original does not escape the text between the quotes, not even Windows paths.
		b.WriteString(s.key + `: "` + strings.ReplaceAll(output.Clean(s.text), "\n", `\n`) + "\"\n")
	}
	return textResult(b.String()), nil
}

// token is the value for the line of the token. It is empty for an unusable token, and the reason
// goes to standard error, because people use print-config to find it. The error is a signal during
// the prompt for the token.
func (o *printConfigOptions) token(cfg config.Config) (setting, error) {
	token, origin, err := cfg.ReadToken(o.app.sys.In)
	if is[*SignalError](err) {
		return setting{}, err
	}
	if err != nil {
		o.app.notice("Note: %v.", err)
		return setting{key: "token", origin: config.Origin{Layer: config.LayerNone}}, nil
	}
	if o.showToken {
		return setting{"token", token.Reveal(), origin}, nil
	}
	return setting{"token", token.String(), origin}, nil
}
