package cli

import "golang.org/x/sys/windows"

const (
	errnoRefused     = windows.WSAECONNREFUSED
	errnoReset       = windows.WSAECONNRESET
	errnoUnreachable = windows.WSAEHOSTUNREACH
)
