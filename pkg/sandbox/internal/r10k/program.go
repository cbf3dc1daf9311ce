package r10k

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

const (
	// maxOutput is how much of a listing is read, in bytes: more than a hundred
	// thousand environments.
	maxOutput = 16 << 20
	// maxErrors is how much of standard error is kept, in bytes.
	maxErrors = 64 << 10
	// pipeGrace is how long the output of a program that ended is waited for:
	// something it started may hold it open.
	pipeGrace = 2 * time.Second
)

// program is a program to run as a child.
type program struct {
	path string
	// env is added to the environment.
	env []string
	// inherited are open files that it gets.
	inherited []*os.File
	log       *slog.Logger
}

// result is how a program ended by itself.
type result struct {
	stdout []byte
	// stderr has no passwords.
	stderr string
	code   int
}

// stoppedError is a program that did not end by itself.
type stoppedError struct{ err error }

func (e *stoppedError) Error() string { return "r10k was stopped: " + e.err.Error() }
func (e *stoppedError) Unwrap() error { return e.err }

// run runs the program to its end. The end of the context stops it, and all
// that it has started.
func (p program) run(ctx context.Context, args ...string) (result, error) {
	if err := ctx.Err(); err != nil {
		return result{}, context.Cause(ctx)
	}
	// The child ends with the thread that started it, where the system can do that.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	command := exec.CommandContext(ctx, p.path, args...) //nolint:gosec // whoever starts the sandbox chose the program
	stdout, stderr := &head{limit: maxOutput}, &tail{limit: maxErrors}
	command.Stdout, command.Stderr = stdout, stderr
	command.Env = append(childEnvironment(os.Environ()), p.env...)
	command.ExtraFiles = p.inherited
	command.WaitDelay = pipeGrace
	detach(command)
	command.Cancel = func() error { return stopTree(command.Process) }
	err := command.Run()
	said := engine.Redact(stderr.String())
	p.logOutput(args, said)
	if ctx.Err() != nil {
		return result{}, &stoppedError{context.Cause(ctx)}
	}
	code, err := exitCode(err)
	if err != nil {
		return result{}, err
	}
	if stdout.cut {
		return result{}, fmt.Errorf("r10k printed more than %d bytes", maxOutput)
	}
	return result{stdout: stdout.text.Bytes(), stderr: said, code: code}, nil
}

// exitCode tells an exit status from all else that can happen.
func exitCode(err error) (int, error) {
	exited := (*exec.ExitError)(nil)
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return 0, nil
	case !errors.As(err, &exited):
		return 0, fmt.Errorf("r10k cannot be run: %w", err)
	case exited.ExitCode() < 0:
		return 0, &stoppedError{exited}
	default:
		return exited.ExitCode(), nil
	}
}

// logOutput logs what the program said, line by line.
func (p program) logOutput(args []string, said string) {
	p.log.Debug("r10k ran", "args", engine.Redact(strings.Join(args, " ")))
	for line := range strings.Lines(said) {
		p.log.Debug("r10k", "line", strings.TrimRight(line, "\n"))
	}
}
