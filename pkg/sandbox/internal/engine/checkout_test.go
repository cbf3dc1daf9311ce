package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitwrite"
)

func TestEscapingTreesAreRefused(t *testing.T) {
	for _, name := range []string{".git", ".GIT", ".git.", ".git ", "GIT~1", "..", ".", "a/b"} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.New(t)
			blob := blobOf(t, repo, "evil")
			commitTree(t, repo, []object.TreeEntry{{Name: name, Mode: filemode.Regular, Hash: blob}})
			git, _ := newGit(t, repo.Path)
			_, _, err := deploy(t, git, "production")
			if err == nil || !strings.Contains(err.Error(), "is not allowed in an environment") {
				t.Errorf("error %v, want a refusal", err)
			}
		})
	}
}

func TestLinkAndFolderOfOneName(t *testing.T) {
	repo := gittest.New(t)
	outside := t.TempDir()
	inner := treeOf(t, repo, []object.TreeEntry{{Name: "passwd", Mode: filemode.Regular, Hash: blobOf(t, repo, "evil")}})
	commitTree(t, repo, []object.TreeEntry{
		{Name: "evil", Mode: filemode.Symlink, Hash: blobOf(t, repo, outside)},
		{Name: "evil", Mode: filemode.Dir, Hash: inner},
	})
	git, _ := newGit(t, repo.Path)
	if _, _, err := deploy(t, git, "production"); err == nil {
		t.Error("the tree was deployed")
	}
	if _, err := os.Stat(filepath.Join(outside, "passwd")); err == nil {
		t.Error("a file was written through the link")
	}
}

func TestLinkWithoutATarget(t *testing.T) {
	for name, target := range map[string]string{"empty": "", "nul": "a\x00b", "long": strings.Repeat("a", maxLink+1)} {
		t.Run(name, func(t *testing.T) {
			repo := gittest.New(t)
			repo.Commit(t, "production", gittest.Files{"link@": target})
			git, _ := newGit(t, repo.Path)
			if _, _, err := deploy(t, git, "production"); err == nil {
				t.Error("the link was deployed")
			}
		})
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"production": true, "A_1": true, strings.Repeat("x", 255): true,
		"": false, "../../etc": false, "-rf": false, "a\x00": false, "feature/x": false, "é": false,
		strings.Repeat("x", 256): false, ".": false, "a b": false, "a\n": false,
	} {
		if got := ValidName(name); got != want {
			t.Errorf("ValidName(%.20q) is %t", name, got)
		}
	}
}

func blobOf(t *testing.T, repo *gittest.Repo, text string) plumbing.Hash {
	t.Helper()
	hash, err := gitwrite.Blob(repo.Git, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// rawTree writes tree entries that the encoder of go-git might refuse.
type rawTree []object.TreeEntry

func (r rawTree) Encode(encoded plumbing.EncodedObject) error {
	encoded.SetType(plumbing.TreeObject)
	writer, err := encoded.Writer()
	if err != nil {
		return err
	}
	for _, entry := range r {
		mode := strings.TrimLeft(entry.Mode.String(), "0")
		if _, err := writer.Write(append([]byte(mode+" "+entry.Name+"\x00"), entry.Hash[:]...)); err != nil {
			return err
		}
	}
	return writer.Close()
}

func treeOf(t *testing.T, repo *gittest.Repo, entries []object.TreeEntry) plumbing.Hash {
	t.Helper()
	hash, err := gitwrite.Object(repo.Git, rawTree(entries))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// commitTree puts the branch production to a commit of these entries.
func commitTree(t *testing.T, repo *gittest.Repo, entries []object.TreeEntry) {
	t.Helper()
	hash, err := gitwrite.Object(repo.Git, &object.Commit{Message: "evil\n", TreeHash: treeOf(t, repo, entries)})
	if err != nil {
		t.Fatal(err)
	}
	name := plumbing.NewBranchReferenceName("production")
	if err := repo.Git.Storer.SetReference(plumbing.NewHashReference(name, hash)); err != nil {
		t.Fatal(err)
	}
}
