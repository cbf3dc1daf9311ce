//go:build !unix

package config

// foreignOwner knows no owners on this system.
func foreignOwner(string, []string) (name string, foreign bool) { return "", false }
