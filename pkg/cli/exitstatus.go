package cli

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
)

//go:generate go test -run TestExitStatusPage -update .

// The exit statuses of puppet-code. docs/exit-statuses.md is made from the
// comments here.
const (
	// Every environment is complete, or queued where nobody asked to wait; the
	// service is healthy; help or the version was printed.
	ExitOK = 0
	// Any other failure: the request was refused, the answer makes no sense, an
	// environment asked for is not in it, the service is not healthy, or the
	// result could not be written.
	ExitFailure = 1
	// Wrong usage or configuration. Nothing was sent.
	ExitUsage = 2
	// At least one environment failed. The others may be complete.
	ExitDeployFailed = 3
	// There is no usable token, or the server does not accept it (401) or does
	// not let its user do this (403).
	ExitToken = 4
	// There is no connection: the name, the network or TLS; or it broke before
	// the answer was there, and a deployment may go on.
	ExitConnection = 5
	// The time of --timeout is over. The deployment may still be running.
	ExitTimeout = 6
	// Ended by signal n: the status is 128+n, 130 for Ctrl-C and 143 for
	// SIGTERM. A deployment that was sent goes on.
	ExitSignal = 128
)

// usageError is a command line or a configuration that nothing can be sent with.
type usageError struct {
	err error
	// command is the command whose help says more, "" where the command line is right.
	command string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// failedError is a deployment in which environments failed.
type failedError struct{ failed, all int }

func (e *failedError) Error() string {
	return fmt.Sprintf("%d of %s failed.", e.failed, count(e.all, "environment"))
}

// saidError is an error that was printed before the result.
type saidError struct{ err error }

func (e *saidError) Error() string { return e.err.Error() }
func (e *saidError) Unwrap() error { return e.err }

// SignalError is the cause of a context that a signal ended.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string { return "ended by signal: " + e.Signal.String() }

// exitStatus picks the status by the type of the error, however deeply it is
// wrapped.
func exitStatus(err error) int {
	if err == nil {
		return ExitOK
	}
	if signal, ok := errors.AsType[*SignalError](err); ok {
		if number, ok := signal.Signal.(syscall.Signal); ok {
			return ExitSignal + int(number)
		}
		return ExitFailure
	}
	if api, ok := errors.AsType[*codemanager.APIError](err); ok && api.Unauthorized() {
		return ExitToken
	}
	switch {
	case is[*usageError](err):
		return ExitUsage
	case is[*failedError](err):
		return ExitDeployFailed
	case is[*timeoutError](err):
		return ExitTimeout
	case is[*config.TokenError](err):
		return ExitToken
	case is[*codemanager.ConnectionError](err):
		return ExitConnection
	default:
		return ExitFailure
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
