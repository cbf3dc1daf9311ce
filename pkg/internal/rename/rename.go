// Package rename renames files and folders, with retries on Windows.
package rename

import (
	"os"
	"time"
)

// patience is how long other programs may hold a file open: virus scanners and the indexer open
// each new file for a moment.
const patience = 2 * time.Second

// To is os.Rename. On Windows, where an open file cannot be renamed or replaced, it retries for two
// seconds and returns the last error.
func To(from, to string) error { return patiently(from, to, patience) }

func patiently(from, to string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 100) {
		err := os.Rename(from, to)
		if err == nil || !heldOpen(err) || time.Now().After(deadline) {
			return err
		}
	}
}
