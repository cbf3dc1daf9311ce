package livedir

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func toFS(files gittest.Files) fs.FS {
	made := fstest.MapFS{}
	for name, text := range files {
		made[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return made
}

// makeTree is a directory with every kind of entry.
func makeTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "sub"), 0o755),
		os.Mkdir(filepath.Join(dir, "empty"), 0o755),
		os.WriteFile(filepath.Join(dir, "sub", "file"), []byte("text"), 0o644),
		os.WriteFile(filepath.Join(dir, "run"), []byte("#!/bin/sh\n"), 0o755),
		os.Symlink("/nowhere/at/all", filepath.Join(dir, "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func digest(t *testing.T, dir string) string {
	t.Helper()
	sum, err := Digest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestCopyIsEqual(t *testing.T) {
	from, to := makeTree(t), t.TempDir()
	if err := Copy(from, to); err != nil {
		t.Fatal(err)
	}
	if got, want := gittest.Tree(t, to), gittest.Tree(t, from); !maps.Equal(got, want) {
		t.Errorf("copied %v, want %v", got, want)
	}
	if digest(t, from) != digest(t, to) {
		t.Error("the digest of a copy differs")
	}
	if err := Copy(from, to); err == nil {
		t.Error("a copy wrote over what was there")
	}
}

func TestDigestSeesEveryChange(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"content": func(dir string) error { return os.WriteFile(filepath.Join(dir, "sub", "file"), []byte("Text"), 0o644) },
		"mode":    func(dir string) error { return os.Chmod(filepath.Join(dir, "run"), 0o644) },
		"name":    func(dir string) error { return os.Rename(filepath.Join(dir, "run"), filepath.Join(dir, "run2")) },
		"folder":  func(dir string) error { return os.Remove(filepath.Join(dir, "empty")) },
		"link": func(dir string) error {
			link := filepath.Join(dir, "link")
			if err := os.Remove(link); err != nil {
				return err
			}
			return os.Symlink("/nowhere/else", link)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := makeTree(t)
			before := digest(t, dir)
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			if digest(t, dir) == before {
				t.Error("the digest is the same")
			}
		})
	}
}
