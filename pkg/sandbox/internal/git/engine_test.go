package git

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// newEngine is an engine and its log. It needs git.
func newEngine(t *testing.T, spec string) (*Engine, *bytes.Buffer) {
	t.Helper()
	testneeds.Program(t, "git")
	log := &bytes.Buffer{}
	remote, err := Open(t.Context(), spec, "", slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewEngine(remote, filepath.Join(t.TempDir(), "git"), "/code/environments")
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
