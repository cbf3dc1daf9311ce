// Package console prepares a terminal for escape sequences.
package console

import (
	"os"

	"golang.org/x/sys/windows"
)

// EnableVT reports whether f is a console that supports escape sequences. It supports them only
// after they are enabled for the stream; EnableVT does that. Consoles before Windows 10 do not
// support them.
func EnableVT(f *os.File) bool {
	handle := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false // no console
	}
	if mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 {
		return true
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
