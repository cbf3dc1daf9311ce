//go:build unix

// Package benchmark measures puppet-code as a whole process, against what users would run instead,
// and against a minimal program. docs/inside/performance.md explains how to run it.
package benchmark

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// Command is one command to measure.
type Command struct {
	// Args are the program and its arguments.
	Args []string
	// Env is its whole environment.
	Env []string
	// Output is a file for both of its streams; "" discards them.
	Output string
}

// Measurement is the measurement of one run.
type Measurement struct {
	// Status is the exit status.
	Status int
	// Ended is when it was over.
	Ended time.Time
	// Wall is the time from its start to its end, CPU its user and system time
	// with that of the processes it waited for.
	Wall, CPU time.Duration
	// Peak is the largest resident set of one of its processes, in bytes.
	Peak int64
}

// Of returns the system's figures for an ended process: everything except Wall and Ended.
func Of(process *os.ProcessState) Measurement {
	usage := process.SysUsage().(*syscall.Rusage)
	peak := usage.Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024 // kilobytes everywhere else
	}
	return Measurement{Status: process.ExitCode(), CPU: process.UserTime() + process.SystemTime(), Peak: peak}
}
