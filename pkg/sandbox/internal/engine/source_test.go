package engine

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func TestSources(t *testing.T) {
	repo := gittest.New(t)
	for spec, want := range map[string]string{
		repo.Path:                            repo.Path,
		"file://" + repo.Path:                repo.Path,
		"file:///not/there/yet":              filepath.FromSlash("/not/there/yet"),
		"https://user:secret@git.test/r.git": "https://user:xxxxx@git.test/r.git",
		"git@git.test:team/repo.git":         "git@git.test:team/repo.git",
	} {
		got, err := newSource(spec, t.TempDir())
		if err != nil || got.String() != want {
			t.Errorf("source %s: %v, %v, want %s", spec, got, err, want)
		}
	}
}

func TestSourcesThatCannotBe(t *testing.T) {
	for spec, want := range map[string]string{
		"":                    "no repository given",
		"/not/there":          "/not/there: repository does not exist",
		"ftp://git.test/repo": `unsupported scheme "ftp"`,
		"https://a:secret@[":  "the URL cannot be parsed",
	} {
		_, err := newSource(spec, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("source %q: error %v, want %s", spec, err, want)
		}
	}
}

func TestRemoteFollowsTheRemote(t *testing.T) {
	repo := gittest.New(t)
	git, _ := newGit(t, gittest.Serve(t, repo))
	if got := environments(t, git); len(got) != 0 {
		t.Errorf("environments %v of an empty remote", got)
	}
	repo.Commit(t, "production", gittest.Files{"a": "1"})
	repo.Commit(t, "gone", gittest.Files{"a": "1"})
	if got := environments(t, git); !slices.Equal(got, []string{"gone", "production"}) {
		t.Errorf("environments %v", got)
	}
	repo.Delete(t, "gone")
	// A commit without a parent: a push that rewrote history.
	want := repo.Commit(t, "production", gittest.Files{"a": "2"})
	dir, got, err := deploy(t, git, "production")
	if err != nil || got != want || gittest.Tree(t, dir)["a"] != "2" {
		t.Errorf("deployed %s, %v, want %s", got, err, want)
	}
	if got := environments(t, git); !slices.Equal(got, []string{"production"}) {
		t.Errorf("environments %v after a branch was deleted", got)
	}
	repo.Delete(t, "production")
	if got := environments(t, git); len(got) != 0 {
		t.Errorf("environments %v after the last branch was deleted", got)
	}
}

func TestRemoteThatWantsAPassword(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", "Basic")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	git, _ := newGit(t, server.URL+"/repo.git")
	_, err := git.Environments(t.Context())
	failure := (*Failure)(nil)
	want := "ERROR\t -> Authentication failed for Git remote \"" + server.URL + "/repo.git\".\n"
	if !errors.As(err, &failure) || failure.Output != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
