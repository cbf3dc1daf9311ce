//go:build !windows

package transport

import "syscall"

var (
	refused     = []syscall.Errno{syscall.ECONNREFUSED}
	reset       = []syscall.Errno{syscall.ECONNRESET, syscall.ECONNABORTED}
	unreachable = []syscall.Errno{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN}
	timedOut    = []syscall.Errno{syscall.ETIMEDOUT}
)
