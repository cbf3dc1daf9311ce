//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// detach changes nothing on this system.
func detach(*exec.Cmd) {}

// stop kills the child. What it has started ends by itself.
func stop(child *os.Process) error { return child.Kill() }
