//go:build !linux && !darwin

package livedir

import "errors"

// exchange cannot be done in one step on this system.
func exchange(string, string) error { return errors.ErrUnsupported }
