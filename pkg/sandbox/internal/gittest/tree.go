package gittest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// Tree reads a directory: what each path holds, with a mark for its kind as in
// Files; a folder ends in a slash.
func Tree(t testing.TB, dir string) Files {
	t.Helper()
	found := Files{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
			found[name+"/"] = ""
		case entry.Type() == fs.ModeSymlink:
			found[name+"@"], err = os.Readlink(path)
		default:
			var text []byte
			text, err = os.ReadFile(path) //nolint:gosec // a test made it
			found[name+mark(info.Mode())] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func mark(mode fs.FileMode) string {
	if mode&0o111 != 0 {
		return "*"
	}
	return ""
}

// Archive is what `git archive` makes of a branch, in the form of Tree.
func Archive(t testing.TB, repo, branch string) Files {
	t.Helper()
	testneeds.Program(t, "git")
	command := exec.CommandContext(t.Context(), "git", "-C", repo, "archive", "--format=tar", "refs/heads/"+branch) //nolint:gosec // a test chose it
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("git archive: %v\n%s", err, stderr.String())
	}
	found := Files{}
	for archive := tar.NewReader(bytes.NewReader(out)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		switch header.Typeflag {
		case tar.TypeXGlobalHeader:
		case tar.TypeDir:
			found[header.Name] = ""
		case tar.TypeSymlink:
			found[header.Name+"@"] = header.Linkname
		default:
			found[header.Name+mark(header.FileInfo().Mode())] = string(text)
		}
	}
}
