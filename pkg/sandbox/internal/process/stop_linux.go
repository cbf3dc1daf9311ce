package process

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// detach starts the child in a new session, without a terminal to ask for passwords. The child ends
// with the sandbox, even if that is killed.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// stop kills a child with all its descendants. Its process group is not enough, because r10k starts
// every git in a new session. Each process is stopped before its children are listed, so that no
// child is missed.
func stop(child *os.Process) error {
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

// children are the children of a process, from /proc.
func children(parent int) []int {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	var found []int
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// PID (NAME) STATE PPID …, where NAME may hold anything.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}
