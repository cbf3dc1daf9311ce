// Package sandboxcmd is the command code-manager-sandbox: flags in, a running
// sandbox, an exit status out.
package sandboxcmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// Streams are the standard streams. The COMMAND gets the same ones.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// The exit statuses of the sandbox itself. A COMMAND can end with the same statuses; the error on
// standard error distinguishes them.
const (
	statusOK = 0
	// statusFailure: the sandbox could not start or stop as it should.
	statusFailure = 1
	// statusUsage: the command line cannot be used; nothing was started.
	statusUsage = 2
	// statusNotExecutable and statusNotFound are about COMMAND, as in a shell.
	statusNotExecutable = 126
	statusNotFound      = 127
	// statusSignal and a signal's number: ended by that signal.
	statusSignal = 128
)

// Main runs the command and returns its exit status. It prints every error,
// once.
func Main(ctx context.Context, args []string, streams Streams, version string) int {
	status := statusOK
	command := newCommand(streams, version, func(run runOptions) error {
		var err error
		status, err = start(ctx, run, streams)
		return err
	})
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	if err == nil {
		return status
	}
	say(streams.Err, "Error: %v\n", err)
	return exitStatus(err)
}

// say writes a message. It ignores errors, because they could not be reported.
func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format, args...)
}

// commandError is a COMMAND that could not be run.
type commandError struct {
	status int
	err    error
}

func (e *commandError) Error() string { return e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }

// usageError is a command line that cannot be used.
type usageError struct{ err error }

func (e *usageError) Error() string {
	return e.err.Error() + "\nRun 'code-manager-sandbox --help' for usage."
}
func (e *usageError) Unwrap() error { return e.err }

// exitStatus is the status for an error.
func exitStatus(err error) int {
	command, usage, option := (*commandError)(nil), (*usageError)(nil), (*sandbox.OptionError)(nil)
	switch {
	case errors.As(err, &command):
		return command.status
	case errors.As(err, &usage), errors.As(err, &option):
		return statusUsage
	default:
		return statusFailure
	}
}
