//go:build !linux && !darwin

package live

import "errors"

// exchange cannot be done in one step on this system.
func exchange(string, string) error { return errors.ErrUnsupported }
