package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/prompt"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// loginOptions are the dependencies and the flags of login.
type loginOptions struct {
	app *app

	username      string
	passwordStdin bool
	withToken     bool
	print         bool
	newToken      newTokenOptions
	setup         serverSetup
}

func newLoginCommand(a *app) *cobra.Command {
	opts := &loginOptions{app: a, setup: serverSetup{app: a}}
	command := &cobra.Command{
		Use:     "login [USERNAME] [OPTIONS]",
		Short:   "Get a token, and save it",
		GroupID: groupActions,
		Long: `Get a token from the token service of the console (RBAC), and save it where the
other actions look for it. Login asks for your name and your password.
A refused login is never sent again: ten in a row revoke the account.

With --server it also sets up a machine without Puppet: it shows you the
fingerprint of the server's authority, and saves the authority and a
configuration file.`,
		Example: `  puppet-code login
  puppet-code login --server primary.example.com     on a new machine
  puppet-code login ci --password-stdin --lifetime 30d < password
  puppet-code login --with-token     store a token from the console
  PUPPET_CODE_TOKEN="$(puppet-code login --print)"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("unexpected argument: %s takes one name. The password comes from the terminal, or with --password-stdin from standard input", cmd.CommandPath())
			}
			return nil
		},
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			if len(args) > 0 {
				opts.username = args[0]
			}
			return opts.run(cmd.Context())
		}),
	}
	f := command.Flags()
	f.StringVar(&opts.setup.server, "server", "", "set up this machine for the primary with this `host` name")
	f.StringVar(&opts.setup.fingerprint, "ca-fingerprint", "", "with --server: trust the authority with this `SHA-256` fingerprint, without a question")
	f.StringVar(&opts.setup.caURL, "ca-url", "", "with --server: get the authority from this `URL` (default: that of Puppet's CA on the host)")
	f.BoolVar(&opts.passwordStdin, "password-stdin", false, "read the password from standard input")
	f.BoolVar(&opts.withToken, "with-token", false, "read a token from standard input, check it, and save it; no name and no password are needed")
	f.BoolVar(&opts.print, "print", false, "write the token to standard output, and save nothing")
	opts.newToken.add(command)
	addQuiet(f, a)
	return command
}

// run logs in: everything that can fail does so before a password or a token is read.
func (o *loginOptions) run(ctx context.Context) (*result, error) {
	if err := o.checkInput(); err != nil {
		return nil, wrongUsage(err)
	}
	defer o.setup.close()
	cfg, destination, err := o.prepare()
	if err != nil {
		return nil, err
	}
	defer destination.close()
	if o.isSetup() {
		if cfg, err = o.setup.trust(ctx, cfg); err != nil {
			return nil, err
		}
	}
	service, err := o.app.tokenService(cfg, config.Token{})
	if err != nil {
		return nil, err
	}
	if o.isSetup() {
		if err := o.setup.check(ctx, cfg, service); err != nil {
			return nil, err
		}
	}
	result, err := o.get(ctx, service, destination)
	if err == nil && o.isSetup() {
		o.app.say("Try it: puppet-code deploy production --wait")
	}
	return result, err
}

func (o *loginOptions) isSetup() bool { return o.app.set.Changed("server") }

// prepare reads the configuration, and checks that the files can be written.
func (o *loginOptions) prepare() (cfg config.Config, destination *tokenDestination, err error) {
	if o.isSetup() {
		if err := o.setup.addresses(); err != nil {
			return cfg, nil, wrongUsage(err)
		}
		o.setup.terminal = o.terminal()
	}
	if cfg, err = o.app.config(); err != nil {
		return cfg, nil, err
	}
	if o.isSetup() {
		if err := o.setup.prepare(cfg); err != nil {
			return cfg, nil, err
		}
	}
	destination, err = o.app.openDestination(cfg, o.print)
	return cfg, destination, err
}

// get gets the token and saves it.
func (o *loginOptions) get(ctx context.Context, service *tokenService, destination *tokenDestination) (*result, error) {
	if o.withToken {
		return nil, o.store(ctx, service, destination)
	}
	password, err := o.credentials(ctx, service)
	if err != nil {
		return nil, err
	}
	text, err := service.LogIn(ctx, o.username, password, o.newToken.options())
	if err != nil {
		return nil, service.failed(callLogin, err)
	}
	if err := o.setup.save(); err != nil {
		return nil, service.revokeUnsaved(ctx, text, err)
	}
	return destination.put(ctx, service, text, "Logged in")
}

// store saves a token that somebody made elsewhere, if the server accepts it.
func (o *loginOptions) store(ctx context.Context, service *tokenService, destination *tokenDestination) error {
	token, err := config.TokenFrom(o.app.sys.In)
	if err != nil {
		return noToken(err)
	}
	o.app.secrets.hide(token.Reveal())
	info, err := service.check(ctx, token)
	if err != nil {
		return err
	}
	if err := o.setup.save(); err != nil {
		return err
	}
	if err := destination.save(token); err != nil {
		return err
	}
	o.app.say("The token is %s. It is saved in %s.", validUntil(info), config.Presentable(destination.path))
	return nil
}

// terminal is standard input if a person types there, else nil.
func (o *loginOptions) terminal() *os.File {
	if file, ok := o.app.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return file
	}
	return nil
}

// checkInput refuses options that do not go together, and an input from which no name and no password
// can come.
func (o *loginOptions) checkInput() error {
	if !o.isSetup() {
		for _, option := range []string{"ca-fingerprint", "ca-url"} {
			if o.app.set.Changed(option) {
				return fmt.Errorf("--%s needs --server", option)
			}
		}
	}
	if o.withToken {
		if o.username != "" {
			return errors.New("--with-token takes no name: the token already belongs to a user")
		}
		for _, other := range []string{"password-stdin", "print", "lifetime", "label", "description"} {
			if o.app.set.Changed(other) {
				return fmt.Errorf("--with-token stores a token as it is: leave out --%s", other)
			}
		}
		return nil
	}
	switch {
	case o.passwordStdin && o.username == "":
		return errors.New("--password-stdin needs the name on the command line: puppet-code login USERNAME --password-stdin")
	case !o.passwordStdin && o.terminal() == nil:
		return errors.New("there is no terminal to ask for the password: pass it on standard input with --password-stdin")
	default:
		return nil
	}
}

// credentials completes the name, and returns the password.
func (o *loginOptions) credentials(ctx context.Context, service *tokenService) (password string, err error) {
	var text []byte
	if o.passwordStdin {
		text, err = io.ReadAll(io.LimitReader(o.app.stdin, 2*maxPassword))
		if err == nil {
			text, err = textfile.UTF8(text)
		}
		if errors.Is(err, textfile.ErrUTF16) {
			err = wrongUsage(fmt.Errorf("the password %w", err))
		}
		text = bytes.TrimRight(text, "\r\n")
	} else {
		text, err = o.ask(ctx, service)
	}
	switch {
	case err != nil:
		return "", err
	case len(text) == 0:
		return "", wrongUsage(errors.New("the password is empty"))
	case len(text) > maxPassword, bytes.ContainsAny(text, "\r\n\x00"), !utf8.Valid(text):
		return "", wrongUsage(fmt.Errorf("the password must be one line of UTF-8, with at most %d bytes", maxPassword))
	}
	return string(text), nil
}

// maxPassword bounds a password, in bytes: more is probably a wrong file.
const maxPassword = 4096

func (o *loginOptions) ask(ctx context.Context, service *tokenService) ([]byte, error) {
	file, to := o.terminal(), frameStream{o.app.secrets.err}
	o.app.notice("Log in at %s.", service.url.URLForDisplay())
	if o.username == "" {
		name, err := prompt.Line(ctx, file, to, "Username: ")
		if err != nil {
			return nil, cannotAsk("name", err)
		}
		o.username = strings.TrimSpace(name)
	}
	if o.username == "" {
		return nil, wrongUsage(errors.New("the name is empty"))
	}
	password, err := prompt.Secret(ctx, file, to, "Password (it is not shown): ")
	_, _ = io.WriteString(o.app.sys.Err, "\n") // the one that was typed is not shown, either
	if err != nil {
		return nil, cannotAsk("password", err)
	}
	return password, nil
}

func cannotAsk(what string, err error) error {
	if errors.Is(err, io.EOF) {
		return wrongUsage(fmt.Errorf("no %s was given", what))
	}
	if is[*SignalError](err) {
		return err
	}
	return fmt.Errorf("cannot read the %s from the terminal: %w", what, err)
}
