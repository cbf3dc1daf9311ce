//go:build unix && !linux

package r10k

import (
	"os/exec"
	"syscall"
)

// detach gives the child a session of its own: no terminal to ask for
// passwords on.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}
