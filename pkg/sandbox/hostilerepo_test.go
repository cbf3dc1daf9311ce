package sandbox

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// A control repo can write only into environments: neither names of branches, some of which Git
// itself would refuse, nor symbolic links nor submodules lead out of them.
func TestHostileControlRepo(t *testing.T) {
	outside := t.TempDir()
	codedir := filepath.Join(outside, "a", "b", "code")
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	repo := gittest.New(t)
	commit := repo.Commit(t, "production", gittest.Files{
		"manifests/site.pp": "# site",
		"up@":               "../../../../../secret",
		"absolute@":         filepath.Join(outside, "secret"),
		"self@":             "self",
		"modules@":          outside,
	})
	repo.Commit(t, "submodule", gittest.Files{"modules/sub#": strings.Repeat("1", 40)})
	var refs strings.Builder
	for _, branch := range []string{
		".git", ".git/hooks", "-rf", "a\\..\\b", "a\x01b", "$(id)", "é", strings.Repeat("x", 400),
	} {
		refs.WriteString(commit + " refs/heads/" + branch + "\n")
	}
	if err := os.WriteFile(filepath.Join(repo.Path, "packed-refs"), []byte(refs.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h := start(t, Options{ControlRepo: repo.Path, Codedir: codedir, Compilers: 1})
	before := gittest.Tree(t, outside)
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	if d := deployed["production"]; d.DeploySignature != commit {
		t.Errorf("production %+v", d)
	}
	for name := range deployed {
		if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("an environment %q", name)
		}
	}
	for _, name := range names(t, h.environments()) {
		if _, known := deployed[name]; !known {
			t.Errorf("live is %s", name)
		}
	}
	after := gittest.Tree(t, outside)
	maps.DeleteFunc(after, func(path, _ string) bool { return strings.HasPrefix(path, "a/b/code/environments/") })
	maps.DeleteFunc(before, func(path, _ string) bool { return strings.HasPrefix(path, "a/b/code/environments/") })
	if !maps.Equal(before, after) {
		t.Errorf("before %q, after %q", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	t.Logf("%d environments: %.60q", len(deployed), slices.Sorted(maps.Keys(deployed)))
}
