package gitobject_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
)

// write makes one commit with every kind of entry, in names that Git sorts in
// its own way.
func write(t *testing.T, repo gitobject.Repo) (commit string) {
	t.Helper()
	blob, err := repo.Blob([]byte("text\n"))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Files([]gitobject.Entry{
		{Mode: gitobject.ModeFile, Name: "a.b", Hash: blob},
		{Mode: gitobject.ModeFile, Name: "a/x/y", Hash: blob},
		{Mode: gitobject.ModeExecutable, Name: "a/run", Hash: blob},
		{Mode: gitobject.ModeFile, Name: "a0", Hash: blob},
		{Mode: gitobject.ModeLink, Name: "link", Hash: blob},
		{Mode: gitobject.ModeSubmodule, Name: "sub", Hash: strings.Repeat("1", 40)},
	})
	if err != nil {
		t.Fatal(err)
	}
	commit, err = repo.Commit(gitobject.Commit{Tree: tree, Message: "All kinds", When: time.Unix(1735689600, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := repo.SetRef("refs/heads/production", commit); err != nil {
		t.Fatal(err)
	}
	return commit
}

// TestHashes: the computed hashes are those of the written objects, the same each time.
func TestHashes(t *testing.T) {
	repo, err := gitobject.Init(filepath.Join(t.TempDir(), "repo.git"), "production")
	if err != nil {
		t.Fatal(err)
	}
	const want = "fd139bfe3c78078c9b79eef15fcb56eebeecf721"
	for name, repo := range map[string]gitobject.Repo{"written": repo, "computed": ""} {
		if got := write(t, repo); got != want {
			t.Errorf("%s: commit %s, want %s", name, got, want)
		}
	}
}

// TestGitAgrees has git check every object.
func TestGitAgrees(t *testing.T) {
	testneeds.Program(t, "git")
	path := filepath.Join(t.TempDir(), "repo.git")
	if gitobject.Exists(path) {
		t.Error("the repository exists before it was made")
	}
	repo, err := gitobject.Init(path, "production")
	if err != nil || !gitobject.Exists(path) {
		t.Fatalf("the repository was not made: %v", err)
	}
	want := write(t, repo)
	if out, err := exec.CommandContext(t.Context(), "git", "-C", path, "fsck", "--strict", "--full").CombinedOutput(); err != nil || strings.Contains(string(out), "error") {
		t.Errorf("git fsck: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", path, "rev-parse", "HEAD").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != want {
		t.Errorf("git has HEAD at %s, %v, want %s", got, err, want)
	}
}
