package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

func TestMistakesWithExpect(t *testing.T) {
	one, two := []string{"production"}, []string{"production", "testing"}
	for name, test := range map[string]struct {
		e            expectation
		environments []string
		all          bool
		want         string
	}{
		"a SHA":               {expectation{commit: strings.Repeat("a1", 20)}, one, false, ""},
		"capital letters":     {expectation{commit: "ABCDEF0"}, one, false, ""},
		"SHA-256":             {expectation{commit: strings.Repeat("a1", 32)}, one, false, ""},
		"six digits":          {expectation{commit: "abcdef"}, one, false, "at least its first seven"},
		"65 digits":           {expectation{commit: strings.Repeat("a", 65)}, one, false, "is not a commit"},
		"nothing in it":       {expectation{given: true}, one, false, "--expect is empty"},
		"a branch":            {expectation{commit: "production"}, one, false, "is not a commit"},
		"two environments":    {expectation{commit: "abcdef0"}, two, false, "exactly one environment"},
		"all":                 {expectation{commit: "abcdef0"}, nil, true, "not --all"},
		"both":                {expectation{commit: "abcdef0", deleted: true}, one, false, "cannot be used together"},
		"two that are gone":   {expectation{deleted: true}, two, false, ""},
		"all that are gone":   {expectation{deleted: true}, nil, true, "not --all"},
		"nothing is expected": {expectation{}, two, true, ""},
	} {
		if got := test.e.problem(test.environments, test.all); got != test.want && (test.want == "" || !strings.Contains(got, test.want)) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestExpectedCommitMayBeAPrefix(t *testing.T) {
	live := "ABCDEF0123456789abcdef0123456789abcdef01"
	for commit, want := range map[string]bool{
		"abcdef0": true, strings.ToLower(live): true, "abcdef1": false, strings.ToLower(live) + "00": false,
	} {
		if got := (expectation{commit: commit}).meets(live); got != want {
			t.Errorf("%s: %v, want %v", commit, got, want)
		}
	}
	if (expectation{commit: "abcdef0"}).meets("") {
		t.Error("no commit meets one")
	}
}

// Commits are compared in the clone in the working directory. A partial clone does not fetch
// missing commits for it.
func TestRelationOfCommits(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("PUPPET_CODE_TOKEN", "0Vs1xO-test_token")
	for _, name := range []string{"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"} {
		t.Setenv(name, "a@localhost")
	}
	git := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("git", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	origin, clone, fetched := filepath.Join(dir, "origin"), filepath.Join(dir, "clone"), filepath.Join(dir, "fetched")
	git("init", "-q", "-b", "production", origin)
	git("-C", origin, "config", "uploadpack.allowFilter", "true")
	git("-C", origin, "commit", "-q", "--allow-empty", "-m", "A")
	git("-C", origin, "commit", "-q", "--allow-empty", "-m", "B")
	a, b := git("-C", origin, "rev-parse", "HEAD~1"), git("-C", origin, "rev-parse", "HEAD")
	git("clone", "-q", "--filter=blob:none", "file://"+origin, clone)
	git("-C", origin, "commit", "-q", "--allow-empty", "-m", "C")
	c := git("-C", origin, "rev-parse", "HEAD")
	pack := filepath.Join(dir, "upload-pack")
	testneeds.Executable(t, pack, "#!/bin/sh\ntouch '"+fetched+"'\nexec git upload-pack \"$@\"\n")
	git("-C", clone, "config", "remote.origin.uploadpack", pack)
	t.Chdir(clone)
	app := &app{}
	for name, test := range map[string]struct {
		live, wanted string
		want         relation
	}{
		"newer": {b, a, newer}, "older": {a, b, older}, "not here": {c, b, unrelated},
		"not here either": {b, c, unrelated}, "no commit": {"--help", a, unrelated}, "the beginning of one": {b, a[:8], newer},
	} {
		if got := app.relation(t.Context(), test.live, test.wanted); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	if _, err := os.Stat(fetched); err == nil {
		t.Error("it fetched")
	}
	for _, variable := range withoutToken(os.Environ()) {
		if strings.Contains(variable, "0Vs1xO-test_token") {
			t.Errorf("git gets %s", variable)
		}
	}
}
