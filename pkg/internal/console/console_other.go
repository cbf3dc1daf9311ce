//go:build !windows

// Package console prepares a terminal for escape sequences.
package console

import (
	"os"

	"golang.org/x/term"
)

// EnableVT reports whether f is a terminal that supports escape sequences.
func EnableVT(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
