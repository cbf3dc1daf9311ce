//go:build !windows

package cli

// enableEscapes reports that terminals understand escape sequences.
func enableEscapes(int) bool { return true }
