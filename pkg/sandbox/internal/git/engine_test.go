package git

import (
	"bytes"
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
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// newEngine is an engine and its log. It needs git.
func newEngine(t *testing.T, spec string) (*Engine, *bytes.Buffer) {
	t.Helper()
	gittest.Need(t, "git")
	log := &bytes.Buffer{}
	remote, err := Open(t.Context(), spec, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewEngine(remote, filepath.Join(t.TempDir(), "mirrors"), "/code/environments")
	if err != nil {
		t.Fatal(err)
	}
	return made, log
}

// deploy deploys into a new directory.
func deploy(t *testing.T, e *Engine, environment string) (string, string, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), environment)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	signature, err := e.Deploy(t.Context(), engine.Request{Environment: environment, Dir: dir})
	return dir, signature, err
}

func environments(t *testing.T, e *Engine) []string {
	t.Helper()
	names, err := e.Environments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEnvironmentsAreCorrectedNames(t *testing.T) {
	repo := gittest.New(t)
	for _, branch := range []string{"production", "feature/a-b.c", "UPPER", "grün", strings.Repeat("x", 200)} {
		repo.Commit(t, branch, gittest.Files{"a": "a"})
	}
	e, _ := newEngine(t, repo.Path)
	want := []string{"UPPER", "feature_a_b_c", "gr_n", "production", strings.Repeat("x", 200)}
	if got := environments(t, e); !slices.Equal(got, want) {
		t.Errorf("environments %q, want %q", got, want)
	}
}

func TestCollidingBranches(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "a-x", gittest.Files{"from": "a-x"})
	repo.Commit(t, "a/x", gittest.Files{"from": "a/x"})
	e, log := newEngine(t, repo.Path)
	check := func(want string) {
		t.Helper()
		dir, _, err := deploy(t, e, "a_x")
		if err != nil {
			t.Fatal(err)
		}
		if got := gittest.Tree(t, dir)["from"]; got != want {
			t.Errorf("deployed %s, want %s", got, want)
		}
	}
	check("a-x")
	if !strings.Contains(log.String(), "ignored=a/x") {
		t.Errorf("the log does not say what was ignored: %s", log)
	}
	repo.Commit(t, "a_x", gittest.Files{"from": "a_x"})
	check("a_x")
}

func TestDeployedTreeEqualsGitArchive(t *testing.T) {
	repo := gittest.New(t)
	signature := repo.Commit(t, "production", gittest.Files{
		"environment.conf":              "modulepath = modules\n",
		"scripts/run.sh*":               "#!/bin/sh\n",
		"deep/er/and/deeper/file":       "x",
		"link@":                         "scripts/run.sh",
		"outside@":                      "../../elsewhere",
		"deep/absolute@":                "/etc/hostname",
		"empty":                         "",
		"binary":                        "\x00\xff\r\n",
		"name with space":               "1",
		"latin1 \xe4":                   "2",
		"-rf":                           "3",
		"..a":                           "4",
		".gitignore":                    "*",
		"large":                         strings.Repeat("0123456789abcdef", 100_000),
		"site-modules/a/templates/é.pp": "5",
	})
	e, _ := newEngine(t, repo.Path)
	dir, got, err := deploy(t, e, "production")
	if err != nil {
		t.Fatal(err)
	}
	if got != signature {
		t.Errorf("signature %s, want %s", got, signature)
	}
	if got, want := gittest.Tree(t, dir), gittest.Archive(t, repo.Path, "production"); !maps.Equal(got, want) {
		t.Errorf("deployed %q\nwant %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

func TestSubmoduleIsAnEmptyFolder(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"modules/sub#": strings.Repeat("1", 40)})
	e, log := newEngine(t, repo.Path)
	dir, _, err := deploy(t, e, "production")
	if err != nil {
		t.Fatal(err)
	}
	want := gittest.Files{"modules/": "", "modules/sub/": ""}
	if got := gittest.Tree(t, dir); !maps.Equal(got, want) {
		t.Errorf("deployed %v, want %v", got, want)
	}
	if !strings.Contains(log.String(), "submodule ignored") {
		t.Errorf("nothing about the submodule in the log: %s", log)
	}
}

func TestModulesAreLogged(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"Puppetfile": "mod 'a/b'\n"})
	e, log := newEngine(t, repo.Path)
	_, err := e.Deploy(t.Context(), engine.Request{
		Environment: "production", Dir: t.TempDir(), Modules: engine.Modules{Skip: true, Only: []string{"stdlib"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not installed by the git engine", "limits on modules", "stdlib"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log: %s", want, log)
		}
	}
}

func TestMissingEnvironment(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "feature/x", gittest.Files{"a": "a"})
	e, _ := newEngine(t, repo.Path)
	_, _, err := deploy(t, e, "nope")
	failure := (*engine.Failure)(nil)
	if !errors.As(err, &failure) || !failure.Missing {
		t.Fatalf("error %v, want a Failure for a missing environment", err)
	}
	want := "ERROR\t -> Environment(s) 'nope' cannot be found in any source and will not be deployed.\n"
	if failure.Output != want {
		t.Errorf("output %q, want %q", failure.Output, want)
	}
}

func TestBrokenSource(t *testing.T) {
	repo := gittest.New(t)
	e, _ := newEngine(t, repo.Path)
	if err := os.RemoveAll(repo.Path); err != nil {
		t.Fatal(err)
	}
	_, err := e.Environments(t.Context())
	failure := (*engine.Failure)(nil)
	if !errors.As(err, &failure) || failure.Missing {
		t.Fatalf("error %v, want a Failure", err)
	}
	want := "ERROR\t -> Unable to determine current branches for Git source 'puppet' (/code/environments)\nOriginal exception:\n"
	if !strings.HasPrefix(failure.Output, want) || !strings.Contains(failure.Output, repo.Path) {
		t.Errorf("output %q, want %q and the path", failure.Output, want)
	}
}

func TestDeployEndsWithItsContext(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	e, _ := newEngine(t, repo.Path)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Deploy(ctx, engine.Request{Environment: "production", Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
