//go:build unix

package cli

import (
	"fmt"
	"syscall"
)

// leastFiles is how many open files a run may need: streams, files, connections, and those of Go's
// runtime, which ends the process with a dump if it cannot open its own.
const leastFiles = 16

// enoughFiles is the error for a process that may open too few files.
func enoughFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur >= leastFiles {
		return nil //nolint:nilerr // a limit that cannot be read is none
	}
	return fmt.Errorf("the limit of open files is %d, which is too low: set at least %d, with `ulimit -n`", limit.Cur, leastFiles)
}
