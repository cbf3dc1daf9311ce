//go:build !windows

package transport_test

import "syscall"

var numbers = map[syscall.Errno]string{
	syscall.ECONNREFUSED: "refused",
	syscall.ECONNRESET:   "reset",
	syscall.ECONNABORTED: "reset",
	syscall.ENETUNREACH:  "unreachable",
	syscall.EHOSTUNREACH: "unreachable",
	syscall.ENETDOWN:     "unreachable",
	syscall.EHOSTDOWN:    "unreachable",
	syscall.ETIMEDOUT:    "timeout",
	syscall.EACCES:       "",
}
