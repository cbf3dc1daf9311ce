package sandboxcmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// start runs a sandbox, with the command or until a signal, and cleans up in
// every case.
func start(ctx context.Context, options runOptions, streams Streams) (status int, err error) {
	// A file of an earlier run would say that this sandbox is ready.
	if err := removeFile(options.envFile); err != nil {
		return 0, &usageError{fmt.Errorf("--env-file: %w", err)}
	}
	options.sandbox.Logger = slog.New(slog.NewTextHandler(streams.Err, &slog.HandlerOptions{Level: options.level}))
	// Before any files are created that a signal would leave behind.
	signals := watchSignals()
	defer signal.Stop(signals)
	server, err := sandbox.Start(ctx, options.sandbox)
	if err != nil {
		return 0, err
	}
	defer func() { err = cleanUp(server, len(options.command) > 0, streams, err) }()
	if server.Exposed() {
		say(streams.Err, "WARNING: other machines can connect to this sandbox, at %s.\n"+
			"WARNING: The sandbox is for tests: use --listen 127.0.0.1:0 to keep it to this machine.\n", server.URL())
	}
	if len(options.command) > 0 {
		return runCommand(ctx, options.command, server, streams, signals)
	}
	return serve(ctx, server, options, streams, signals)
}

// cleanUp closes the server. With a COMMAND, a file that cannot be deleted is only a warning: the
// exit status is that of the COMMAND.
func cleanUp(server *sandbox.Server, command bool, streams Streams, err error) error {
	closeErr := server.Close()
	if closeErr == nil || !command {
		return errors.Join(err, closeErr)
	}
	say(streams.Err, "WARNING: The sandbox deleted its token and its private key, but not all of its files: %v\n", closeErr)
	return err
}

// watchSignals handles all signals that end a program. An ignored SIGHUP stays ignored, because of
// nohup.
func watchSignals() chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// serve prints the variables for clients and waits for a signal. SIGINT and SIGTERM are the usual
// way to end it, so the exit status is 0.
func serve(ctx context.Context, server *sandbox.Server, options runOptions, streams Streams, signals <-chan os.Signal) (int, error) {
	say(streams.Err, "Control repository: %s\nCode directory: %s\n", server.ControlRepo(), server.Codedir())
	say(streams.Err, "To log in: puppet-code login %s, with the password in %s\n", sandbox.UserName, server.PasswordFile())
	if err := publishVariables(options, streams.Out, variables(server)); err != nil {
		return 0, err
	}
	defer removeFile(options.envFile) //nolint:errcheck // the next start removes it, or says why it cannot
	say(streams.Err, "Serving until interrupted by Ctrl-C or SIGTERM.\n")
	select {
	case <-ctx.Done():
		return statusOK, nil
	case <-server.Done():
		return 0, errors.New("the server stopped")
	case received := <-signals:
		if number, ok := received.(syscall.Signal); ok && number != syscall.SIGINT && number != syscall.SIGTERM {
			return statusSignal + int(number), nil
		}
		return statusOK, nil
	}
}

// variable is one environment variable for clients.
type variable struct{ name, value string }

// tokenVariable contains a token and would take precedence over the token file.
const tokenVariable = "PUPPET_CODE_TOKEN"

func variables(server *sandbox.Server) []variable {
	return []variable{
		{"PUPPET_CODE_SERVICE_URL", server.URL()},
		{"PUPPET_CODE_CACERT", server.CACertFile()},
		{"PUPPET_CODE_TOKEN_FILE", server.TokenFile()},
		{"PUPPET_CODE_RBAC_URL", server.RBACURL()},
		{"CODE_MANAGER_SANDBOX_CA_URL", server.CAURL()},
		{"CODE_MANAGER_SANDBOX_CONTROL_REPO", server.ControlRepo()},
		{"CODE_MANAGER_SANDBOX_CODEDIR", server.Codedir()},
		{"CODE_MANAGER_SANDBOX_PASSWORD_FILE", server.PasswordFile()},
	}
}
