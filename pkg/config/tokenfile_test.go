package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func save(t *testing.T, path, token string) error {
	t.Helper()
	file, err := PrepareFile("token file", path)
	if err != nil {
		return err
	}
	return file.Save([]byte(token))
}

// entries are the names in a folder.
func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s has %q, %v; want %q", path, got, err, want)
	}
}

func TestTokenFileThatIsDiscarded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := save(t, path, "old"); err != nil {
		t.Fatal(err)
	}
	file, err := PrepareFile("token file", path)
	if err != nil {
		t.Fatal(err)
	}
	file.Discard()
	if err := file.Save([]byte("new")); err == nil {
		t.Error("saved after it was discarded")
	}
	wantFile(t, path, "old")
	if got := entries(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("files %q", got)
	}
}

func TestConcurrentLoginsWriteTheTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	var wait sync.WaitGroup
	for _, letter := range []string{"a", "b", "c", "d"} {
		wait.Go(func() {
			if err := save(t, path, strings.Repeat(letter, 5000)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got, err := os.ReadFile(path)
	if err != nil || len(got) != 5000 || strings.Trim(string(got), string(got[:1])) != "" {
		t.Errorf("%d bytes, %v: no token survived whole", len(got), err)
	}
	if got := entries(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("files %q", got)
	}
}
