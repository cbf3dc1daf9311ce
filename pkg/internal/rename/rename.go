// Package rename puts files and folders instead of others.
package rename

import (
	"os"
	"time"
)

// patience is how long others may hold a file open: virus scanners and the
// indexer look at each new file for a moment.
const patience = 2 * time.Second

// To is os.Rename. Where an open file cannot be renamed or replaced, which is
// on Windows, it tries again for two seconds; the error is the last one.
func To(from, to string) error { return patiently(from, to, patience) }

func patiently(from, to string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 100) {
		err := os.Rename(from, to)
		if err == nil || !heldOpen(err) || time.Now().After(deadline) {
			return err
		}
	}
}
