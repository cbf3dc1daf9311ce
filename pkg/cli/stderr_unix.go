//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// standardError is standard error under another number. If its reader is gone, Go ends the program when
// it writes to file 2, even in the middle of a wait. On any other file, the write fails.
func standardError() *os.File {
	fd, err := unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return os.Stderr
	}
	return os.NewFile(uintptr(fd), os.Stderr.Name())
}
