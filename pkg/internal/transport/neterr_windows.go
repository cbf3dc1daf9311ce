package transport

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// An asynchronous operation returns the number of Winsock or of Win32, depending on the part of the
// system in which it ended.
var (
	refused     = []syscall.Errno{windows.WSAECONNREFUSED, windows.ERROR_CONNECTION_REFUSED}
	reset       = []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAENETRESET, windows.ERROR_NETNAME_DELETED, windows.ERROR_CONNECTION_ABORTED}
	unreachable = []syscall.Errno{
		windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEHOSTDOWN,
		windows.ERROR_NETWORK_UNREACHABLE, windows.ERROR_HOST_UNREACHABLE,
	}
	timedOut = []syscall.Errno{windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT}
)
