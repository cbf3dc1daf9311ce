package transport

import (
	"errors"
	"net"
	"os"
	"slices"
	"syscall"
)

// The functions below say what an error of the network means, on every system.
// Compare with no number of package syscall elsewhere: on Windows
// syscall.ECONNREFUSED is a number that Go made up, which no socket returns.

// IsRefused reports whether nothing listens on the port that was called.
func IsRefused(err error) bool { return hasNumber(err, refused) }

// IsReset reports whether the connection was torn down, by the other end or by
// a system in between.
func IsReset(err error) bool { return hasNumber(err, reset) }

// IsUnreachable reports whether there is no way to the host: no route, or a
// network that is down.
func IsUnreachable(err error) bool { return hasNumber(err, unreachable) }

// IsBrokenPipe reports whether the reader of a pipe, or the other end of a
// connection, was gone when something was written.
func IsBrokenPipe(err error) bool { return hasNumber(err, brokenPipe) }

// IsTimeout reports whether a time limit ended the operation: the system's, a
// deadline of the connection, or that of a context.
func IsTimeout(err error) bool {
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return true
	}
	return errors.Is(err, os.ErrDeadlineExceeded) || hasNumber(err, timedOut)
}

func hasNumber(err error, numbers []syscall.Errno) bool {
	number, ok := errors.AsType[syscall.Errno](err)
	return ok && slices.Contains(numbers, number)
}
