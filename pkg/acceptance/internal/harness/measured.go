//go:build unix

package harness

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// Measured starts the program in a folder and measures its memory.
func (n *Network) Measured(dir string, args ...string) *Client {
	n.T.Helper()
	return n.Run(exec.Command("measure", append([]string{filepath.Join(dir, "puppet-code")}, args...)...))
}

// Memory is the peak memory of the measured program in MB; 0 if the system counts in other units.
func (n *Network) Memory() (mb int64) {
	n.T.Helper()
	text, err := os.ReadFile(filepath.Join(n.home, "memory"))
	if err != nil {
		n.T.Fatal(err)
	}
	if _, err := fmt.Sscan(string(text), &mb); err != nil {
		n.T.Fatal(err)
	}
	return mb
}

// measureProgram is a program that runs another, and writes down how much memory that took. The
// system counts a process from before its program is started, when it is a copy of its parent, and
// a test is too large.
func measureProgram() {
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	mb := int64(0)
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" {
		mb = usage.Maxrss >> 10
	}
	file := filepath.Join(os.Getenv("HOME"), "memory")
	if err := os.WriteFile(file, fmt.Appendln(nil, mb), 0o600); err != nil {
		panic(err)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	} else if err != nil {
		panic(err)
	}
}
