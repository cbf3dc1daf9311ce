package sandboxcmd

import (
	"testing"

	"golang.org/x/sys/unix"
)

// mountSmall mounts a file system of 4 MiB until the end of the test.
func mountSmall(t *testing.T, dir string) {
	t.Helper()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}
