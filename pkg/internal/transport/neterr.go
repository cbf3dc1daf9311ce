package transport

import (
	"errors"
	"net"
	"os"
	"slices"
	"syscall"
)

// The functions below classify network errors on every system. Do not compare with the numbers of
// package syscall elsewhere: on Windows, syscall.ECONNREFUSED is invented by Go, and no socket
// returns it.

// IsRefused reports whether nothing listens on the port that was called.
func IsRefused(err error) bool { return hasNumber(err, refused) }

// IsReset reports whether the other end, or a system in between, reset the connection.
func IsReset(err error) bool { return hasNumber(err, reset) }

// IsUnreachable reports whether the host is unreachable: there is no route, or the network is down.
func IsUnreachable(err error) bool { return hasNumber(err, unreachable) }

// IsTimeout reports whether a time limit ended the operation: of the system, the connection or the
// context.
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
