//go:build !unix

package sandboxcmd

// inForeground is true: a console sends Ctrl-C to all that are attached to it,
// and no other program can send it here.
func inForeground() bool { return true }
