//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// detach changes nothing on this system.
func detach(*exec.Cmd) {}

// stop kills the child. Processes that it has started end by themselves.
func stop(child *os.Process) error { return child.Kill() }
