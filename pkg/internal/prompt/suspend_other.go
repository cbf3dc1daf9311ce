//go:build !unix

package prompt

func staysInForeground() (undo func()) { return func() {} }
