//go:build !windows

package rename

// heldOpen reports whether an error can be over in a moment. An open file is no
// hindrance here.
func heldOpen(error) bool { return false }
