package rename

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// openTarget makes a file to rename, and an older one in its way, which is open.
func openTarget(t *testing.T) (from, to string, reader *os.File) {
	t.Helper()
	folder := t.TempDir()
	from, to = filepath.Join(folder, "new"), filepath.Join(folder, "old")
	for _, path := range []string{from, to} {
		if err := os.WriteFile(path, []byte(filepath.Base(path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := os.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	return from, to, reader
}

func TestReplacesAFileThatIsOpenForAMoment(t *testing.T) {
	from, to, reader := openTarget(t)
	time.AfterFunc(200*time.Millisecond, func() { _ = reader.Close() })
	if err := To(from, to); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(to); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestGivesUp(t *testing.T) {
	from, to, reader := openTarget(t)
	defer reader.Close()
	if err := patiently(from, to, 10*time.Millisecond); (err != nil) != (runtime.GOOS == "windows") {
		t.Errorf("error %v", err)
	}
}

func TestOtherErrorsComeAtOnce(t *testing.T) {
	folder := t.TempDir()
	if err := patiently(filepath.Join(folder, "none"), filepath.Join(folder, "new"), time.Hour); err == nil {
		t.Error("no error")
	}
}
