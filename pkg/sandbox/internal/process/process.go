// Package process runs git and r10k: without a terminal, with a limited environment and limited
// output without passwords, and with a guaranteed end.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

const (
	// maxErrors is how much of standard error is kept, in bytes.
	maxErrors = 64 << 10
	// pipeGrace is how long to wait for more output after a program has ended: a process that it
	// started may hold the pipe open, or this process may have been paused.
	pipeGrace = 5 * time.Second
)

// Command is a program to run.
type Command struct {
	// Path is the program.
	Path string
	Args []string
	// Env is added to the environment.
	Env []string
	// Settings are added to the configuration of each git that runs.
	Settings []Setting
	// Stdout may be nil: then the output is discarded. There is no input.
	Stdout io.Writer
	Log    *slog.Logger
}

// Result is how a program ended by itself.
type Result struct {
	// Stderr has no passwords.
	Stderr string
	// Code is the exit status.
	Code int
}

// StoppedError is a program that was stopped. Its files may be incomplete.
type StoppedError struct {
	Program string
	Err     error
}

func (e *StoppedError) Error() string { return e.Program + " was stopped: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *StoppedError) Unwrap() error { return e.Err }

// Run runs the program to its end. The end of the context stops it and its process group. An exit
// status other than 0 is not an error.
func (c Command) Run(ctx context.Context) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	command := exec.CommandContext(ctx, c.Path, c.Args...) //nolint:gosec // whoever starts the sandbox chose the program
	stderr := &tail{limit: maxErrors}
	command.Stdout, command.Stderr = c.Stdout, stderr
	command.Env = append(environment(os.Environ(), c.Settings), c.Env...)
	command.WaitDelay = pipeGrace
	detach(command)
	command.Cancel = func() error { return stop(command.Process) }
	err := command.Run()
	said := engine.Redact(stderr.String())
	c.logOutput(said)
	if ctx.Err() != nil {
		return Result{}, &StoppedError{c.name(), context.Cause(ctx)}
	}
	if out, ok := c.Stdout.(*Buffer); ok && out.err != nil {
		return Result{}, fmt.Errorf("%s: %w", c.name(), out.err)
	}
	code, err := c.exitCode(err)
	return Result{Stderr: said, Code: code}, err
}

func (c Command) name() string { return filepath.Base(c.Path) }

// exitCode distinguishes an exit status from other errors.
func (c Command) exitCode(err error) (int, error) {
	exited := (*exec.ExitError)(nil)
	switch {
	case errors.Is(err, exec.ErrWaitDelay) && c.Stdout != nil:
		return 0, &StoppedError{c.name(), errors.New("its output did not end, so a part may be missing")}
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return 0, nil
	case !errors.As(err, &exited):
		return 0, fmt.Errorf("%s: %w", c.name(), err)
	case exited.ExitCode() < 0:
		return 0, &StoppedError{c.name(), exited}
	default:
		return exited.ExitCode(), nil
	}
}

// logOutput logs the output of the program, line by line.
func (c Command) logOutput(said string) {
	c.Log.Debug(c.name()+" ran", "args", engine.Redact(strings.Join(c.Args, " ")))
	for line := range strings.Lines(said) {
		c.Log.Debug(c.name(), "line", strings.TrimRight(line, "\n"))
	}
}
