// Package console prepares a terminal for escape sequences.
package console

import "os"

// EnableVT reports whether f is a terminal that supports escape sequences. A Windows console
// supports them only after they are enabled for the stream; EnableVT does that. Consoles before
// Windows 10 do not support them.
func EnableVT(f *os.File) bool { return enableVT(f) }
