//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package dirlock

import "os"

// lock does nothing where the system has no locks that end with the process.
func lock(*os.File) error { return nil }

// inheritable says that no child holds a lock of its parent on this system.
const inheritable = false

func lockAlone(*os.File) error  { return nil }
func lockShared(*os.File) error { return nil }
