package engine_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/git"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// TestPathsAreCheckedAtTheStart: a path may be mistyped, so it is checked at the start.
func TestPathsAreCheckedAtTheStart(t *testing.T) {
	repo := branches(t, "production")
	work := clone(t, repo.Path)
	folder, empty := t.TempDir(), gittest.New(t).Path
	for path, want := range map[string]string{
		repo.Path:                  "",
		work:                       "",
		filepath.Join(work, "dir"): "not a git repository", // a folder inside a repository is not a repository
		folder:                     "not a git repository",
		empty:                      "has no branches",
		"/not/there":               "does not exist",
	} {
		_, err := git.Open(t.Context(), path, "", slog.New(slog.DiscardHandler))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	for _, address := range []string{"file:///not/there/yet", "git@git.test:team/repo.git"} {
		remote(t, address) // may come and go
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := git.Open(t.Context(), repo.Path, "", nil); !errors.Is(err, git.ErrMissing) {
		t.Errorf("error %v", err)
	}
}

// TestNoBranches: a remote may be empty, or have tags alone. Each deployment fails with r10k's words
// for that.
func TestNoBranches(t *testing.T) {
	t.Parallel()
	empty := gittest.New(t)
	tags := branches(t, "production")
	tags.Run(t, "tag", "v1", "production")
	tags.Delete(t, "production")
	r10kAtNight(t, func(t *testing.T, open opener) {
		for name, repo := range map[string]*gittest.Repo{"empty": empty, "tags": tags} {
			e := open(t, gittest.Serve(t, repo))
			if found := environments(t, e); len(found) != 0 {
				t.Errorf("%s: environments %q", name, found)
			}
			_, _, err := deploy(t, e, engine.Request{Environment: "production"})
			if err == nil || err.Error() != "Environment(s) 'production' cannot be found in any source and will not be deployed." {
				t.Errorf("%s: error %v", name, err)
			}
		}
	})
}

// TestRepositoryThatVanishes, and comes back.
func TestRepositoryThatVanishes(t *testing.T) {
	t.Parallel()
	repo := branches(t, "production")
	r10kAtNight(t, func(t *testing.T, open opener) {
		e := open(t, repo.Path)
		deploys(t, e, map[string]string{"production": "production"})
		if err := os.Rename(repo.Path, repo.Path+".gone"); err != nil {
			t.Fatal(err)
		}
		fails(t, e, repo.Path)
		if err := os.Rename(repo.Path+".gone", repo.Path); err != nil {
			t.Fatal(err)
		}
		deploys(t, e, map[string]string{"production": "production"})
	})
}
