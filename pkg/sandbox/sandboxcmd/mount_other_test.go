//go:build unix && !linux

package sandboxcmd

import "testing"

func mountSmall(t *testing.T, _ string) {
	t.Helper()
	t.Skip("this test knows only how to mount on Linux")
}
