// Package rename renames files and folders, with retries on Windows.
package rename

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

// patience is how long other programs may hold a file open: virus scanners and the indexer open
// each new file for a moment.
const patience = 2 * time.Second

// The errors of Windows for a file that is open. It returns ERROR_ACCESS_DENIED for an open target.
const (
	accessDenied     = syscall.Errno(5)
	sharingViolation = syscall.Errno(32)
)

// To is os.Rename. On Windows, where an open file cannot be renamed or replaced, it retries for two
// seconds and returns the last error.
func To(from, to string) error { return patiently(from, to, patience) }

func patiently(from, to string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 100) {
		err := os.Rename(from, to)
		heldOpen := runtime.GOOS == "windows" && (errors.Is(err, sharingViolation) || errors.Is(err, accessDenied))
		if !heldOpen || time.Now().After(deadline) {
			return err
		}
	}
}
