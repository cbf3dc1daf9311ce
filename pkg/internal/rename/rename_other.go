//go:build !windows

package rename

// heldOpen reports whether an error may be temporary. On this system, open files can be renamed.
func heldOpen(error) bool { return false }
