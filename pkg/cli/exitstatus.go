package cli

import (
	"errors"
	"os"
	"syscall"
)

//go:generate go test -run TestExitStatusPage -update .

// The exit statuses of puppet-code. docs/reference/exit-statuses.md is made from the
// comments here.
const (
	// Every environment is complete, or queued without --wait; the service is
	// healthy; help or the version was printed.
	ExitOK = 0
	// Any other failure: the request was refused, the answer could not be
	// understood, an environment is unknown, the service is not healthy, or the
	// result could not be written. No deployment of this request is under way,
	// unless only the result could not be written.
	ExitFailure = 1
	// Wrong usage or configuration. Nothing was sent. If Go's runtime ends the
	// program (out of memory, SIGABRT), the status is 2 too, below a dump.
	ExitUsage = 2
	// At least one environment failed. The others may be complete.
	ExitDeployFailed = 3
	// There is no usable token, or the server does not accept it (401) or does
	// not let its user do this (403); the login was refused; the token ends before
	// the time of --valid-for.
	ExitToken = 4
	// There is no connection: the name, the network or TLS. Nothing was sent, and it
	// is safe to repeat the request.
	ExitConnection = 5
	// The time of --timeout is over. If a deployment was sent, it may still be
	// running.
	ExitTimeout = 6
	// Nothing failed, but the live code is not the one that --expect or
	// --expect-deleted asked for.
	ExitUnexpected = 7
	// The outcome is unknown: the request was sent, the answer was lost or has no
	// outcome, and deploys/status does not prove one; or a deployment that was
	// watched left the queue, and nothing shows that it was staged. Check the state
	// before you deploy again.
	ExitUnknown = 8
	// Ended by signal n: the status is 128+n, 130 for Ctrl-C and 143 for SIGTERM. A deployment that
	// was sent continues.
	ExitSignal = 128
)

// SignalError is the cause of a context that a signal ended.
type SignalError struct{ Signal os.Signal }

func (e *SignalError) Error() string { return "ended by signal: " + e.Signal.String() }

// exitStatus is the status of an error. A signal and --timeout end any action; else the error has it
// from the place where it was made.
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
	if is[*timeoutError](err) {
		return ExitTimeout
	}
	if ended, ok := errors.AsType[*exitError](err); ok {
		return ended.status
	}
	return ExitFailure
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
