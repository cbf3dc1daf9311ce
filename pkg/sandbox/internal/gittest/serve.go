package gittest

import (
	"net/http"
	"net/http/cgi" //nolint:gosec // for tests, and long since repaired
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// Serve serves a repository over HTTP as git itself does, and returns its URL.
func Serve(t testing.TB, repo *Repo) string {
	t.Helper()
	server := httptest.NewServer(Handler(t, repo))
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(repo.Path)
}

// Handler answers as a Git server for one repository.
func Handler(t testing.TB, repo *Repo) http.Handler {
	t.Helper()
	testneeds.Program(t, "git")
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	return &cgi.Handler{
		Path: git, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(repo.Path), "GIT_HTTP_EXPORT_ALL=1"},
	}
}
