//go:build !windows

package console

import (
	"os"

	"golang.org/x/term"
)

func enableVT(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
