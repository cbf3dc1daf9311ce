//go:build unix && !linux

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// detach gives the child a session of its own: no terminal to ask for
// passwords on.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// stop kills the child's process group. A git that r10k has started is in
// another one: it ends by itself when nobody reads what it writes.
func stop(child *os.Process) error {
	return syscall.Kill(-child.Pid, syscall.SIGKILL)
}
