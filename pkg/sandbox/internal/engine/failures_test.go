package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
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
	remote(t, "file:///not/there/yet")
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

// TestServerThatHangs ends with the request.
func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			asked <- struct{}{}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	bothEngines(t, func(t *testing.T, open opener) {
		e := open(t, "http://"+listener.Addr().String()+"/repo.git")
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := e.Environments(ctx)
			ended <- err
		}()
		<-asked
		cancel(errors.New("enough"))
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "was stopped: enough") {
			t.Errorf("error %v", err)
		}
	})
}

// TestListingsDuringPushes has a writer update four branches again and again
// while they are listed: no listing fails, and none has a branch that never was.
func TestListingsDuringPushes(t *testing.T) {
	t.Parallel()
	rounds := 60
	if testneeds.Nightly() {
		rounds = 400
	}
	names := []string{"development", "feature/x", "production", "testing"}
	want := []string{"development", "feature_x", "production", "testing"}
	for _, test := range []struct {
		name     string
		open     opener
		listings int
	}{{"git", openGit, rounds / 4}, {"r10k", openR10K, rounds / 40}} {
		t.Run(test.name, func(t *testing.T) {
			repo := branches(t, names...)
			e := test.open(t, repo.Path)
			tips := []string{repo.Run(t, "rev-parse", "production"), repo.Run(t, "rev-parse", "testing")}
			written := make(chan struct{})
			go func() {
				defer close(written)
				for i := range rounds {
					var update strings.Builder
					for _, name := range names {
						fmt.Fprintf(&update, "update refs/heads/%s %s\n", name, tips[i%2])
					}
					repo.Feed(t, update.String(), "update-ref", "--stdin")
					if i%50 == 25 {
						repo.Run(t, "pack-refs", "--all")
					}
				}
			}()
			listed := 0
			for running := true; running || listed < test.listings; listed++ {
				if got, err := e.Environments(t.Context()); err != nil || !slices.Equal(got, want) {
					t.Errorf("listing %d: %q, %v", listed, got, err)
				}
				select {
				case <-written:
					running = false
				default:
				}
			}
			t.Logf("%d listings beside %d updates", listed, rounds*len(names))
		})
	}
}
