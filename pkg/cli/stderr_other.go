//go:build !unix

package cli

import "os"

// standardError is standard error. A write fails if its reader is gone.
func standardError() *os.File { return os.Stderr }
