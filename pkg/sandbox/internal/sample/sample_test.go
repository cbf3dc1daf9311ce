package sample

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

func TestSampleIsTheSameEachTime(t *testing.T) {
	first, second := tips(t), tips(t)
	for _, branch := range []string{"production", "testing", "development", "feature/with-slash"} {
		if first[branch].IsZero() || first[branch] != second[branch] {
			t.Errorf("branch %s: %s and %s", branch, first[branch], second[branch])
		}
	}
	seen := map[plumbing.Hash]string{}
	for branch, hash := range first {
		if other, twice := seen[hash]; twice {
			t.Errorf("%s and %s are the same", branch, other)
		}
		seen[hash] = branch
	}
	if len(first) != 4 {
		t.Errorf("branches %v", first)
	}
}

// tips makes a sample and returns its branches.
func tips(t *testing.T) map[string]plumbing.Hash {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo.git")
	if Exists(dir) {
		t.Error("exists before it was made")
	}
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	if !Exists(dir) {
		t.Error("does not exist after it was made")
	}
	repo, err := git.PlainOpen(dir)
	if err != nil {
		t.Fatal(err)
	}
	branches, err := repo.Branches()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]plumbing.Hash{}
	err = branches.ForEach(func(ref *plumbing.Reference) error {
		found[ref.Name().Short()] = ref.Hash()
		return checkFiles(t, repo, ref)
	})
	if err != nil {
		t.Fatal(err)
	}
	head, err := repo.Head()
	if err != nil || head.Name().Short() != "production" {
		t.Errorf("HEAD is %v, %v", head, err)
	}
	return found
}

// checkFiles looks for what every environment has.
func checkFiles(t *testing.T, repo *git.Repository, ref *plumbing.Reference) error {
	t.Helper()
	commit, err := repo.CommitObject(ref.Hash())
	if err != nil {
		return err
	}
	for name, mode := range map[string]filemode.FileMode{
		"manifests/site.pp": filemode.Regular, "data/common.yaml": filemode.Regular, "hiera.yaml": filemode.Regular,
		"environment.conf": filemode.Regular, "Puppetfile": filemode.Regular, "scripts/config_version.sh": filemode.Executable,
	} {
		file, err := commit.File(name)
		if err != nil || file.Mode != mode {
			t.Errorf("%s: %s: %v", ref.Name().Short(), name, err)
		}
	}
	return nil
}

func TestCreateInTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(file); err == nil {
		t.Error("a repository was made in a file")
	}
}
