//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// Git gets no token, and may fetch nothing. What a server sends as a commit is never an option of it.
func TestGitGetsNoToken(t *testing.T) {
	dir := t.TempDir()
	testneeds.Executable(t, filepath.Join(dir, "git"), "#!/bin/sh\nenv >"+"'"+filepath.Join(dir, "seen")+"'\n")
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("PUPPET_CODE_TOKEN", "0Vs1xO-test_token")
	commit, a := strings.Repeat("a", 40), testApp()
	if got := a.relation(t.Context(), "--help", commit); got != unrelated {
		t.Errorf("git is asked about what is no commit: %d", got)
	}
	a.isAncestor(t.Context(), commit, strings.Repeat("b", 40))
	seen, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(seen), "0Vs1xO") || !strings.Contains(string(seen), "GIT_NO_LAZY_FETCH=1") {
		t.Errorf("git sees the token, or may fetch:\n%s", strings.ReplaceAll(string(seen), "0Vs1xO", "<token>"))
	}
}
