//go:build !windows

package cli

import "syscall"

const (
	errnoRefused     = syscall.ECONNREFUSED
	errnoReset       = syscall.ECONNRESET
	errnoUnreachable = syscall.EHOSTUNREACH
)
