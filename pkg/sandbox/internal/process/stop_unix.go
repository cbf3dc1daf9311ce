//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// detach starts the child in a new session, without a terminal to ask for passwords.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// stop kills the child's process group. A git that r10k has started is in another group: it ends
// when nobody reads its output.
func stop(child *os.Process) error {
	return syscall.Kill(-child.Pid, syscall.SIGKILL)
}
