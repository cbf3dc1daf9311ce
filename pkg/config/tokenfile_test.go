package config

import (
	"os"
	"path/filepath"
	"runtime"
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

func TestTokenFileIsWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", ".puppetlabs")
	path := filepath.Join(folder, "token")
	for _, token := range []string{"first", "second"} {
		if err := save(t, path, token); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, token)
	}
	if got := entries(t, folder); len(got) != 1 {
		t.Errorf("files %q", got)
	}
	if runtime.GOOS == "windows" {
		return // no modes
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %o", path, info.Mode(), err, want)
		}
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

func TestTokenFileThroughSymbolicLinks(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "elsewhere", "target"), filepath.Join(folder, "token")
	if err := os.Symlink(filepath.Join("elsewhere", "target"), link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if _, err := os.Lstat(link); err != nil {
		t.Skip("wine makes no symbolic links, and does not say so: ", err)
	}
	for _, token := range []string{"made", "replaced"} { // at first the link leads nowhere
		if err := save(t, link, token); err != nil {
			t.Fatal(err)
		}
		wantFile(t, target, token)
	}
	removed, err := RemoveTokenFile(link, Token{secret: "replaced"})
	if !removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
	if _, err := os.Lstat(link); err != nil {
		t.Error("the link is gone")
	}
	if _, err := os.Lstat(target); err == nil {
		t.Error("the token is still there")
	}
}

func TestTokenFileThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:                                 "it is a directory",
		filepath.Join(folder, "file", "token"): "not a directory",
	} {
		if runtime.GOOS == "windows" && path != folder {
			continue // in other words there
		}
		err := save(t, path, "new")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

func TestTokenFileOfAnotherTokenStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if removed, err := RemoveTokenFile(path, Token{}); removed || err != nil {
		t.Errorf("removed %v, %v where there is no file", removed, err)
	}
	if err := save(t, path, "new"); err != nil {
		t.Fatal(err)
	}
	if removed, err := RemoveTokenFile(path, Token{secret: "old"}); removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
	wantFile(t, path, "new")
	if removed, err := RemoveTokenFile(path, Token{}); !removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
}
