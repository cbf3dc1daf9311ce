//go:build !unix

package cli

// suspendable is a view that draws in place.
type suspendable interface {
	Suspend()
	Resume()
}

// suspends does nothing: there is no Ctrl-Z here.
func suspends(suspendable) (end func()) { return func() {} }
