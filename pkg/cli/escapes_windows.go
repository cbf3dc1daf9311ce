package cli

import "golang.org/x/sys/windows"

// enableEscapes makes the console understand escape sequences, as every one of Windows 10 and later can.
func enableEscapes(fd int) bool {
	handle := windows.Handle(fd)
	var mode uint32
	return windows.GetConsoleMode(handle, &mode) == nil &&
		windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
