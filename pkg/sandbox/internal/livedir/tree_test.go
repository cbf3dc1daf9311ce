package livedir

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

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

func TestCopyIsEqual(t *testing.T) {
	from, to := makeTree(t), t.TempDir()
	if err := Copy(from, to); err != nil {
		t.Fatal(err)
	}
	if got, want := gittest.Tree(t, to), gittest.Tree(t, from); !maps.Equal(got, want) {
		t.Errorf("copied %v, want %v", got, want)
	}
	if err := Copy(from, to); err == nil {
		t.Error("a copy wrote over what was there")
	}
}
