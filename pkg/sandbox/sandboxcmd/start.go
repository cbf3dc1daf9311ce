package sandboxcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// start runs a sandbox, with the command or until a signal, and cleans up in
// every case.
func start(ctx context.Context, options runOptions, streams Streams) (status int, err error) {
	level, err := parseLevel(options.logLevel)
	if err != nil {
		return 0, &usageError{err}
	}
	options.sandbox.Logger = slog.New(slog.NewTextHandler(streams.Err, &slog.HandlerOptions{Level: level}))
	// Before anything is made that a signal would leave behind.
	signals := watchSignals()
	defer signal.Stop(signals)
	server, err := sandbox.Start(ctx, options.sandbox)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if server.Exposed() {
		say(streams.Err, "WARNING: other machines can connect to this sandbox, at %s.\n"+
			"WARNING: It is made for tests, not for a network: use --listen 127.0.0.1:0 to keep it to this machine.\n", server.URL())
	}
	if len(options.command) > 0 {
		return runCommand(ctx, options.command, server, streams, signals)
	}
	return serve(ctx, server, streams, signals)
}

// watchSignals asks for all signals that end a program. A hang-up that is
// ignored stays so: somebody said nohup.
func watchSignals() chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// serve prints what clients need and waits for a signal. SIGINT and SIGTERM are
// the way to end it, so they end it well.
func serve(ctx context.Context, server *sandbox.Server, streams Streams, signals <-chan os.Signal) (int, error) {
	say(streams.Err, "Control repository: %s\nCode directory: %s\n", server.ControlRepo(), server.Codedir())
	if err := printExports(streams.Out, variables(server)); err != nil {
		return 0, fmt.Errorf("standard output: %w", err)
	}
	say(streams.Err, "Serving until it is interrupted, with Ctrl-C or SIGTERM.\n")
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

// tokenVariable holds a token itself and would win over the token file.
const tokenVariable = "PUPPET_CODE_TOKEN"

func variables(server *sandbox.Server) []variable {
	return []variable{
		{"PUPPET_CODE_SERVICE_URL", server.URL()},
		{"PUPPET_CODE_CACERT", server.CACertFile()},
		{"PUPPET_CODE_TOKEN_FILE", server.TokenFile()},
		{"CODE_MANAGER_SANDBOX_CONTROL_REPO", server.ControlRepo()},
		{"CODE_MANAGER_SANDBOX_CODEDIR", server.Codedir()},
	}
}

// printExports writes lines for a shell.
func printExports(out io.Writer, variables []variable) error {
	var lines strings.Builder
	if _, set := os.LookupEnv(tokenVariable); set {
		lines.WriteString("unset " + tokenVariable + "\n")
	}
	for _, v := range variables {
		fmt.Fprintf(&lines, "export %s=%s\n", v.name, quote(v.value))
	}
	_, err := io.WriteString(out, lines.String())
	return err
}

// quote makes one word of a text for any POSIX shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
