// Package console prepares a terminal for escape sequences.
package console

import "os"

// EnableVT reports whether f is a terminal that acts on escape sequences. A
// console of Windows prints them as text unless it is told otherwise for the
// very stream that they are written to; EnableVT tells it. Consoles before
// Windows 10 cannot, and f is then a terminal without them.
func EnableVT(f *os.File) bool { return enableVT(f) }
