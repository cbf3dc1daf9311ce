//go:build unix

package prompt

import (
	"os/signal"
	"syscall"
)

// staysInForeground ignores Ctrl-Z until the returned function is called: after fg, a shell sets the
// terminal to show its input again.
func staysInForeground() (undo func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return func() {}
	}
	signal.Ignore(syscall.SIGTSTP)
	return func() { signal.Reset(syscall.SIGTSTP) }
}
