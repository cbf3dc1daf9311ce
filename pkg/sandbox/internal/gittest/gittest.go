// Package gittest makes Git repositories for tests, and compares what was
// deployed from them.
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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitwrite"
)

// Repo is a bare repository.
type Repo struct {
	Path string
	Git  *git.Repository

	mu   sync.Mutex
	tick int
}

// Files are contents by path. A path that ends in "*" is executable, one that
// ends in "@" is a symbolic link with the content as its target.
type Files map[string]string

// New makes an empty repository.
func New(t testing.TB) *Repo {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control-repo.git")
	repo, err := git.PlainInit(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return &Repo{Path: path, Git: repo}
}

// Commit puts a branch to a commit of exactly these files and returns its SHA.
func (r *Repo) Commit(t testing.TB, branch string, files Files) string {
	t.Helper()
	entries := map[string]gitwrite.File{}
	for path, content := range files {
		mode := filemode.Regular
		switch path[len(path)-1] {
		case '*':
			mode = filemode.Executable
		case '@':
			mode = filemode.Symlink
		}
		hash, err := gitwrite.Blob(r.Git, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		entries[strings.TrimRight(path, "*@")] = gitwrite.File{Mode: mode, Hash: hash}
	}
	return r.CommitEntries(t, branch, entries)
}

// CommitEntries is Commit for entries that Files cannot say.
func (r *Repo) CommitEntries(t testing.TB, branch string, entries map[string]gitwrite.File) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tick++
	when := time.Date(2025, 1, 1, 0, 0, r.tick, 0, time.UTC)
	hash, err := gitwrite.Commit{Branch: branch, Message: "test", Files: entries, When: when}.Write(r.Git)
	if err != nil {
		t.Fatal(err)
	}
	return hash.String()
}

// Delete deletes a branch.
func (r *Repo) Delete(t testing.TB, branch string) {
	t.Helper()
	if err := r.Git.Storer.RemoveReference(plumbing.NewBranchReferenceName(branch)); err != nil {
		t.Fatal(err)
	}
}

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
	Need(t, "git")
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

// Need skips a test where a program is missing. In CI nothing may be missing.
func Need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed", program)
}
