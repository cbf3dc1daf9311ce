//go:build !unix

package r10k

import (
	"os"
	"os/exec"
)

// detach changes nothing on this system.
func detach(*exec.Cmd) {}

// stopTree kills the child. What it has started ends by itself.
func stopTree(child *os.Process) error { return child.Kill() }
