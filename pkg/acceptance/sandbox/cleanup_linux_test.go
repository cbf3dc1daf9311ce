package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFolderThatCannotBeDeleted mounts a file system in the folder of the
// sandbox: that is a warning after some seconds, the exit status is COMMAND's,
// and the secrets are gone.
func TestFolderThatCannotBeDeleted(t *testing.T) {
	probe := t.TempDir()
	if err := unix.Mount("none", probe, "tmpfs", 0, ""); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	if err := unix.Unmount(probe, 0); err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	const script = `busy=$(dirname "$PUPPET_CODE_TOKEN_FILE")/busy && mkdir "$busy" && mount -t tmpfs none "$busy" && exit 7`
	command := exec.Command("code-manager-sandbox", "--", "sh", "-c", script)
	command.Env = append(command.Environ(), "TMPDIR="+temporary)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	_ = command.Run()
	busy, globErr := filepath.Glob(filepath.Join(temporary, "*", "busy"))
	if globErr != nil || len(busy) != 1 {
		t.Fatalf("mounted %v, %v: %s", busy, globErr, &stderr)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(busy[0], unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if got := command.ProcessState.ExitCode(); got != 7 {
		t.Errorf("exit status %d", got)
	}
	if text := stderr.String(); !strings.HasPrefix(text, "WARNING: The sandbox deleted its token and its private key, but not all of its files: ") ||
		!strings.Contains(text, "busy") || strings.Count(text, "\n") != 1 {
		t.Errorf("standard error %q", text)
	}
	left, err := os.ReadDir(filepath.Dir(busy[0]))
	if err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}
