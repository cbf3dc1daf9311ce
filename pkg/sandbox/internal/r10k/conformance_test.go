package r10k

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/git"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

const live = "/code/environments"

// bothEngines runs a test with each engine. What it wants holds for both.
func bothEngines(t *testing.T, test func(*testing.T, func(spec string) engine.Engine)) {
	t.Helper()
	t.Run("git", func(t *testing.T) {
		test(t, func(spec string) engine.Engine {
			gittest.Need(t, "git")
			program, err := git.Find(slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			made, err := git.NewEngine(program, address(t, spec), filepath.Join(t.TempDir(), "mirrors"), live)
			if err != nil {
				t.Fatal(err)
			}
			return made
		})
	})
	t.Run("r10k", func(t *testing.T) {
		test(t, func(spec string) engine.Engine {
			return newEngine(t, ForRemote(address(t, spec).ForGit()))
		})
	})
}

func address(t *testing.T, spec string) git.Address {
	t.Helper()
	parsed, err := git.ParseAddress(spec)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func newEngine(t *testing.T, config *Config) *Engine {
	t.Helper()
	gittest.Need(t, "git")
	gittest.Need(t, "r10k")
	program, err := Find("")
	if err != nil {
		t.Fatal(err)
	}
	made, err := New(Options{Program: program, Config: config, Dir: filepath.Join(t.TempDir(), "r10k"), Live: live, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return made
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

// controlTree is what a directory holds without what r10k adds.
func controlTree(t *testing.T, dir string) gittest.Files {
	t.Helper()
	tree := gittest.Tree(t, dir)
	maps.DeleteFunc(tree, func(path, _ string) bool {
		return path == deployFile || strings.HasPrefix(path, "modules/")
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

func TestTreesAndSignatures(t *testing.T) {
	module, repo := gittest.New(t), gittest.New(t)
	module.Commit(t, "main", gittest.Files{"manifests/init.pp": "class thing {}\n"})
	want := repo.Commit(t, "production", gittest.Files{
		"Puppetfile":         "mod 'thing', git: '" + module.Path + "', branch: 'main'\n",
		"environment.conf":   "modulepath = site-modules:modules\n",
		"scripts/run.sh*":    "#!/bin/sh\n",
		"deep/er/and/deeper": "x",
		"link@":              "scripts/run.sh",
		"outside@":           "../../elsewhere",
		"binary":             "\x00\xff\r\n",
		"lines":              "one\r\ntwo\n",
		"name with space":    "1",
		"-rf":                "2",
		".gitignore":         "*.log\nmodules/\n",
		"empty":              "",
	})
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		dir, signature, err := deploy(t, open(repo.Path), engine.Request{Environment: "production"})
		if err != nil || signature != want {
			t.Fatalf("signature %s, %v, want %s", signature, err, want)
		}
		if got, want := controlTree(t, dir), gittest.Archive(t, repo.Path, "production"); !maps.Equal(got, want) {
			t.Errorf("deployed %q\nwant %q", got, want)
		}
	})
}

func TestNamesAreCorrected(t *testing.T) {
	repo := gittest.New(t)
	for _, branch := range []string{"production", "feature/a-b.c", "UPPER", "grün", "日本"} {
		repo.Commit(t, branch, gittest.Files{"branch": branch})
	}
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		e := open(repo.Path)
		if got, want := environments(t, e), []string{"UPPER", "__", "feature_a_b_c", "gr_n", "production"}; !slices.Equal(got, want) {
			t.Errorf("environments %q, want %q", got, want)
		}
		for environment, branch := range map[string]string{"feature_a_b_c": "feature/a-b.c", "gr_n": "grün"} {
			dir, _, err := deploy(t, e, engine.Request{Environment: environment})
			if err != nil || gittest.Tree(t, dir)["branch"] != branch {
				t.Errorf("%s: deployed %v, %v", environment, gittest.Tree(t, dir), err)
			}
		}
	})
}

func TestNoSuchEnvironment(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		_, _, err := deploy(t, open(repo.Path), engine.Request{Environment: "nope"})
		failure, want := (*engine.Failure)(nil), engine.Missing("nope")
		if !errors.As(err, &failure) || !failure.Missing || failure.Output != want.Output || failure.Status() != 1 {
			t.Errorf("error %+v, want %+v", failure, want)
		}
	})
}

func TestSourceThatIsNotThere(t *testing.T) {
	want := "ERROR\t -> Unable to determine current branches for Git source 'puppet' (" + live + ")\nOriginal exception:\n"
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		e := open("file:///not/there")
		_, listing := e.Environments(t.Context())
		_, _, deploying := deploy(t, e, engine.Request{Environment: "production"})
		for _, err := range []error{listing, deploying} {
			failure := (*engine.Failure)(nil)
			if !errors.As(err, &failure) || failure.Missing || !strings.HasPrefix(failure.Output, want) ||
				!strings.Contains(failure.Output, "/not/there") {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	})
}

// TestEveryKindOfAddress deploys over HTTP and by file URL, after
// pushes that rewrite and delete branches.
func TestEveryKindOfAddress(t *testing.T) {
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		repo := gittest.New(t)
		repo.Commit(t, "production", gittest.Files{"a": "1"})
		repo.Commit(t, "gone", gittest.Files{"a": "1"})
		engines := []engine.Engine{open("file://" + repo.Path), open(gittest.Serve(t, repo))}
		for _, e := range engines {
			if got := environments(t, e); !slices.Equal(got, []string{"gone", "production"}) {
				t.Errorf("environments %q", got)
			}
		}
		repo.Delete(t, "gone")
		want := repo.Commit(t, "production", gittest.Files{"a": "2"})
		for _, e := range engines {
			dir, signature, err := deploy(t, e, engine.Request{Environment: "production"})
			if err != nil || signature != want || gittest.Tree(t, dir)["a"] != "2" {
				t.Errorf("signature %s, %v, want %s", signature, err, want)
			}
			if got := environments(t, e); !slices.Equal(got, []string{"production"}) {
				t.Errorf("environments %q", got)
			}
		}
	})
}

func TestNothingStartsWithoutTime(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	bothEngines(t, func(t *testing.T, open func(string) engine.Engine) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := open(repo.Path).Deploy(ctx, engine.Request{Environment: "production", Dir: t.TempDir()})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
}
