//go:build unix

package r10k

import (
	"os"
	"syscall"
)

// stopTree kills a child with all that it has started. Its process group is not
// enough: r10k gives every git a session, and with it a group, of its own. Each
// process is halted before its children are looked for, so none is missed.
func stopTree(child *os.Process) error {
	halt(child.Pid)
	return nil
}

func halt(pid int) {
	// A process that has just ended is no error.
	_ = syscall.Kill(pid, syscall.SIGSTOP)
	for _, child := range children(pid) {
		halt(child)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}
