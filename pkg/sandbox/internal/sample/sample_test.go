package sample

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// deployed deploys the whole sample without git: trees and signatures.
func deployed(t *testing.T) (trees map[string]gittest.Files, signatures map[string]string) {
	t.Helper()
	e, err := NewEngine(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	names, err := e.Environments(t.Context())
	if err != nil || !slices.Equal(names, []string{"development", "feature_with_slash", "production", "testing"}) {
		t.Fatalf("environments %q, %v", names, err)
	}
	trees, signatures = map[string]gittest.Files{}, map[string]string{}
	for _, name := range names {
		dir := t.TempDir()
		signatures[name], err = e.Deploy(t.Context(), engine.Request{Environment: name, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		trees[name] = gittest.Tree(t, dir)
	}
	return trees, signatures
}

// TestGitReadsTheSample: git finds nothing wrong with it, and the same trees in it.
func TestGitReadsTheSample(t *testing.T) {
	testneeds.Program(t, "git")
	dir := filepath.Join(t.TempDir(), "control-repo.git")
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(Modules(dir), "timesync.git")
	for _, repo := range []string{dir, module} {
		gittest.Run(t, "-C", repo, "fsck", "--strict")
	}
	trees, signatures := deployed(t)
	for environment, tree := range trees {
		if want := gittest.Archive(t, dir, strings.Replace(environment, "feature_with_slash", "feature/with-slash", 1)); !maps.Equal(tree, want) {
			t.Errorf("%s is not what git archive makes", environment)
		}
	}
	if got := gittest.Run(t, "-C", dir, "rev-parse", "HEAD"); got != signatures["production"] {
		t.Errorf("HEAD is at %s", got)
	}
	if got := gittest.Run(t, "-C", module, "tag"); got != "v1.0.0\nv1.1.0" {
		t.Errorf("the module has the tags %s", got)
	}
}

// TestSampleIsKept: pushed commits stay.
func TestSampleIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "control-repo.git")
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	pushed := filepath.Join(dir, "refs", "heads", "production")
	if err := os.WriteFile(pushed, []byte(strings.Repeat("1", 40)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(pushed); err != nil || text[0] != '1' {
		t.Errorf("production is %q, %v", text, err)
	}
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
