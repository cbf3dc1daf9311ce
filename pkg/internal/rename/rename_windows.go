package rename

import (
	"errors"

	"golang.org/x/sys/windows"
)

// heldOpen reports whether an error can be over in a moment. Windows says
// ERROR_ACCESS_DENIED of a target that is open, too.
func heldOpen(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}
