package rename

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReplacesAFileThatIsOpenForAMoment(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "new"), filepath.Join(folder, "old")
	write(t, from, "new")
	write(t, to, "old")
	reader, err := os.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, func() { _ = reader.Close() })
	if err := To(from, to); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(to); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestGivesUp(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "new"), filepath.Join(folder, "old")
	write(t, from, "new")
	write(t, to, "old")
	reader, err := os.Open(to)
	if err != nil {
		t.Fatal(err)
	}
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
