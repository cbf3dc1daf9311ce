package git

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// blob stores a file of a test.
func blob(t *testing.T, repo *gittest.Repo, text string) string {
	t.Helper()
	hash, err := repo.Objects().Blob([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// tree stores a tree that git itself might refuse.
func tree(t *testing.T, repo *gittest.Repo, entries ...gitobject.Entry) string {
	t.Helper()
	hash, err := repo.Objects().Tree(entries)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestEscapingTreesAreRefused(t *testing.T) {
	for _, name := range []string{".git", ".GIT", ".git.", ".git ", "GIT~1", "..", ".", "a/../b", "/a"} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.New(t)
			file := gitobject.Entry{Mode: gitobject.ModeFile, Name: name, Hash: blob(t, repo, "evil")}
			repo.CommitTree(t, "production", tree(t, repo, file))
			e, _ := newEngine(t, repo.Path)
			_, _, err := deploy(t, e, "production")
			if err == nil || !strings.Contains(err.Error(), "Unable to check out branch 'production' at ") {
				t.Errorf("error %v, want a refusal", err)
			}
		})
	}
}

func TestLinkAndOtherOfOneName(t *testing.T) {
	repo := gittest.New(t)
	outside := t.TempDir()
	inner := tree(t, repo, gitobject.Entry{Mode: gitobject.ModeFile, Name: "passwd", Hash: blob(t, repo, "evil")})
	link := gitobject.Entry{Mode: gitobject.ModeLink, Name: "evil", Hash: blob(t, repo, outside)}
	folder := gitobject.Entry{Mode: gitobject.ModeTree, Name: "evil", Hash: inner}
	file := gitobject.Entry{Mode: gitobject.ModeFile, Name: "evil", Hash: blob(t, repo, "evil")}
	near := gitobject.Entry{Mode: gitobject.ModeLink, Name: "evil", Hash: blob(t, repo, "target")}
	for name, entries := range map[string][]gitobject.Entry{
		"link first": {link, folder}, "folder first": {folder, link}, "a file through a link": {near, file},
	} {
		repo.CommitTree(t, "production", tree(t, repo, entries...))
		e, _ := newEngine(t, repo.Path)
		if dir, _, err := deploy(t, e, "production"); err == nil && len(gittest.Tree(t, dir)) > 2 {
			t.Errorf("%s: deployed %v", name, gittest.Tree(t, dir))
		}
		if _, err := os.Stat(filepath.Join(outside, "passwd")); err == nil {
			t.Errorf("%s: a file was written through the link", name)
		}
	}
}

// TestMissingContent: one environment fails, with the path that lacks its
// content, and leaves the others alone.
func TestMissingContent(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "whole", gittest.Files{"a": "a"})
	repo.Commit(t, "damaged", gittest.Files{"b": "b"})
	object := repo.Run(t, "rev-parse", "damaged:b")
	if err := os.Remove(filepath.Join(repo.Path, "objects", object[:2], object[2:])); err != nil {
		t.Fatal(err)
	}
	e, _ := newEngine(t, repo.Path)
	if _, _, err := deploy(t, e, "damaged"); err == nil || !strings.Contains(err.Error(), "unable to read sha1 file of b") {
		t.Errorf("error %v", err)
	}
	if _, _, err := deploy(t, e, "whole"); err != nil {
		t.Error(err)
	}
}

// TestEmptyCommit deploys a branch without a file.
func TestEmptyCommit(t *testing.T) {
	repo := gittest.New(t)
	repo.CommitTree(t, "production", tree(t, repo))
	e, _ := newEngine(t, repo.Path)
	dir, _, err := deploy(t, e, "production")
	if found := gittest.Tree(t, dir); err != nil || len(found) != 0 {
		t.Errorf("deployed %v, %v", found, err)
	}
}
