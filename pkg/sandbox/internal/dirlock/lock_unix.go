//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dirlock

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func lock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errHeld
	}
	return err
}

// inheritable says that a child can hold a lock of its parent.
const inheritable = true

// lockAlone waits until nobody else holds the lock.
func lockAlone(file *os.File) error { return flock(file, unix.LOCK_EX) }

// lockShared takes the lock, or makes ours one of several.
func lockShared(file *os.File) error { return flock(file, unix.LOCK_SH) }

// flock is not ended by the signals that the Go runtime sends to itself.
func flock(file *os.File, how int) error {
	for {
		if err := unix.Flock(int(file.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
