//go:build unix

package sandboxcmd

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground reports whether our process group is the one the terminal sends
// Ctrl-C to. A command of ours is in the same group and has got it, too.
func inForeground() bool {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false // no terminal, so the signal came from somewhere else
	}
	defer terminal.Close()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
