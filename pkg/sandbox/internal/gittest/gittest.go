// Package gittest makes Git repositories for tests, and compares the files deployed from them.
package gittest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
)

// Repo is a bare repository.
type Repo struct {
	Path string

	mu   sync.Mutex
	tick int
}

// Files are contents by path. The last character of a path may mark a kind: "*"
// is an executable, "@" a symbolic link with the content as its target, "#" a
// submodule with the content as its commit.
type Files map[string]string

// New makes an empty repository. It skips tests without git, because they could not deploy it.
func New(t testing.TB) *Repo {
	t.Helper()
	testneeds.Program(t, "git")
	repo := &Repo{Path: filepath.Join(t.TempDir(), "control-repo.git")}
	if _, err := gitobject.Init(repo.Path, "production"); err != nil {
		t.Fatal(err)
	}
	return repo
}

// Objects writes objects that Files cannot express.
func (r *Repo) Objects() gitobject.Repo { return gitobject.Repo(r.Path) }

// Commit puts a branch to a commit of exactly these files and returns its SHA.
func (r *Repo) Commit(t testing.TB, branch string, files Files) string {
	t.Helper()
	modes := map[byte]string{'*': gitobject.ModeExecutable, '@': gitobject.ModeLink, '#': gitobject.ModeSubmodule}
	var entries []gitobject.Entry
	for path, content := range files {
		entry := gitobject.Entry{Mode: modes[path[len(path)-1]], Name: strings.TrimRight(path, "*@#"), Hash: content}
		if entry.Mode == "" {
			entry.Mode = gitobject.ModeFile
		}
		if entry.Mode != gitobject.ModeSubmodule {
			hash, err := r.Objects().Blob([]byte(content))
			if err != nil {
				t.Fatal(err)
			}
			entry.Hash = hash
		}
		entries = append(entries, entry)
	}
	tree, err := r.Objects().Files(entries)
	if err != nil {
		t.Fatal(err)
	}
	return r.CommitTree(t, branch, tree)
}

// CommitTree puts a branch to a commit of a tree. The commit has no parent, as
// after a push that rewrote history.
func (r *Repo) CommitTree(t testing.TB, branch, tree string) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tick++
	when := time.Date(2025, 1, 1, 0, 0, r.tick, 0, time.UTC)
	hash, err := r.Objects().Commit(gitobject.Commit{Tree: tree, Message: "test", When: when})
	if err == nil {
		err = r.Objects().SetRef("refs/heads/"+branch, hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// Delete deletes a branch.
func (r *Repo) Delete(t testing.TB, branch string) {
	t.Helper()
	r.Run(t, "update-ref", "-d", "refs/heads/"+branch)
}

// Run runs git in the repository and returns what it prints.
func (r *Repo) Run(t testing.TB, args ...string) string {
	t.Helper()
	return Run(t, append([]string{"-C", r.Path}, args...)...)
}

// Run runs git with a configuration of the test's own and returns what it
// prints.
func Run(t testing.TB, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...) //nolint:gosec // a test chose it
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@localhost", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@localhost")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}
