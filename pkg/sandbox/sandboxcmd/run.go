package sandboxcmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// runCommand runs a command against the server and returns its exit status. The
// end of the context asks it to end.
func runCommand(ctx context.Context, argv []string, server *sandbox.Server, streams Streams, signals <-chan os.Signal) (int, error) {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the user asks to run it
	command.Stdin, command.Stdout, command.Stderr = streams.In, streams.Out, streams.Err
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.Env = environment(os.Environ(), variables(server))
	if err := command.Start(); err != nil {
		return 0, cannotRun(argv[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case received := <-signals:
			forward(command.Process, received)
		case err := <-ended:
			return commandStatus(err)
		}
	}
}

// environment is the environment of the command: ours with the variables, without a token for
// another server.
func environment(ours []string, variables []variable) []string {
	env := slices.DeleteFunc(slices.Clone(ours), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.EqualFold(name, tokenVariable)
	})
	for _, v := range variables {
		env = append(env, v.name+"="+v.value) // the last one of a name counts
	}
	return env
}

// forward passes a signal on. A terminal sends SIGINT and SIGQUIT to the command itself, so these
// are passed on only without a terminal.
func forward(process *os.Process, received os.Signal) {
	if received == os.Interrupt || received == syscall.SIGQUIT {
		if terminal, err := os.Open("/dev/tty"); err == nil {
			_ = terminal.Close() // nothing was read
			return
		}
	}
	_ = process.Signal(received) // it may have ended just now
}

// commandStatus is the exit status of a command that ran.
func commandStatus(err error) (int, error) {
	if err == nil {
		return statusOK, nil
	}
	exited := (*exec.ExitError)(nil)
	if !errors.As(err, &exited) {
		return 0, fmt.Errorf("wait for the command: %w", err)
	}
	if status, ok := exited.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return statusSignal + int(status.Signal()), nil
	}
	return exited.ExitCode(), nil
}

// cannotRun distinguishes a missing command from one that cannot be run, as shells do.
func cannotRun(name string, err error) error {
	status := statusNotExecutable
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		status = statusNotFound
	}
	return &commandError{status, fmt.Errorf("cannot run %s: %w", name, err)}
}
