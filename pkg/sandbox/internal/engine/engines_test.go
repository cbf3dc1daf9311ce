package engine_test

import (
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/git"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/r10k"
)

const live = "/code/environments"

// opener makes an engine for a control repository, as --control-repo names it.
type opener func(t *testing.T, spec string) engine.Engine

// bothEngines runs a test with each engine.
func bothEngines(t *testing.T, test func(*testing.T, opener)) {
	t.Helper()
	t.Run("git", func(t *testing.T) { test(t, openGit) })
	t.Run("r10k", func(t *testing.T) { test(t, openR10K) })
}

// r10kAtNight runs a test with git, and with r10k if tests may take long: r10k
// takes most of a second to start, and what it does about addresses and forms of
// repositories changes with its releases, not with ours.
func r10kAtNight(t *testing.T, test func(*testing.T, opener)) {
	t.Helper()
	if testneeds.Nightly() {
		bothEngines(t, test)
	} else {
		t.Run("git", func(t *testing.T) { test(t, openGit) })
	}
}

func openGit(t *testing.T, spec string) engine.Engine {
	t.Helper()
	made, err := git.NewEngine(remote(t, spec), filepath.Join(t.TempDir(), "mirrors"), live)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func openR10K(t *testing.T, spec string) engine.Engine {
	t.Helper()
	return r10kIn(t, filepath.Join(t.TempDir(), "r10k"), spec)
}

// r10kIn is an r10k engine with a folder that the test chose.
func r10kIn(t *testing.T, dir, spec string) engine.Engine {
	t.Helper()
	testneeds.Program(t, "r10k")
	program, err := r10k.Find()
	if err != nil {
		t.Fatal(err)
	}
	opened := remote(t, spec)
	address, refresh, err := opened.ForClone(t.Context(), filepath.Join(t.TempDir(), "view"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := r10k.New(r10k.Options{
		Program: program, Config: r10k.ForRemote(address), Dir: dir, Live: live, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return git.Refreshed{Engine: made, Refresh: refresh, Remote: opened, Basedir: live}
}

func remote(t *testing.T, spec string) git.Remote {
	t.Helper()
	testneeds.Program(t, "git")
	opened, err := git.Open(t.Context(), spec, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// deploy deploys into a new directory.
func deploy(t *testing.T, e engine.Engine, request engine.Request) (dir, signature string, err error) {
	t.Helper()
	request.Dir = filepath.Join(t.TempDir(), request.Environment)
	if err := os.Mkdir(request.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	signature, err = e.Deploy(t.Context(), request)
	return request.Dir, signature, err
}

// controlTree is the contents of a directory without the files that r10k adds.
func controlTree(t *testing.T, dir string) gittest.Files {
	t.Helper()
	tree := gittest.Tree(t, dir)
	maps.DeleteFunc(tree, func(path, _ string) bool {
		return path == ".r10k-deploy.json" || strings.HasPrefix(path, "modules/")
	})
	return tree
}

func environments(t *testing.T, e engine.Engine) []string {
	t.Helper()
	names, err := e.Environments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// deploys checks that a repository has exactly these environments, each with the file "branch" that
// names its branch.
func deploys(t *testing.T, e engine.Engine, want map[string]string) {
	t.Helper()
	if got := environments(t, e); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("environments %q, want %q", got, slices.Sorted(maps.Keys(want)))
	}
	for environment, branch := range want {
		dir, _, err := deploy(t, e, engine.Request{Environment: environment})
		if err != nil {
			t.Errorf("%s: %v", environment, err)
		} else if got := gittest.Tree(t, dir)["branch"]; got != branch {
			t.Errorf("%s holds branch %q, want %q", environment, got, branch)
		}
	}
}

// password is in no error.
const password = "wr0ng"

// fails checks that listing and deploying fail with one clear error.
func fails(t *testing.T, e engine.Engine, want string) {
	t.Helper()
	_, listing := e.Environments(t.Context())
	_, _, deploying := deploy(t, e, engine.Request{Environment: "production"})
	for _, err := range []error{listing, deploying} {
		failure := (*engine.Failure)(nil)
		if !errors.As(err, &failure) || failure.Missing || !strings.Contains(failure.Output, want) || strings.Contains(failure.Output, password) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
