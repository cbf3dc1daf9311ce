package r10k

import (
	"os/exec"
	"syscall"
)

// detach gives the child a session of its own: no terminal to ask for
// passwords on. It ends with the sandbox, even where that is killed.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
