package rename

import (
	"errors"

	"golang.org/x/sys/windows"
)

// heldOpen reports whether an error may be temporary. Windows returns ERROR_ACCESS_DENIED for an
// open target, too.
func heldOpen(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}
