package engine_test

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/git"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// branches makes a repository with branches, each with a file that names it.
func branches(t *testing.T, names ...string) *gittest.Repo {
	t.Helper()
	repo := gittest.New(t)
	for _, name := range names {
		repo.Commit(t, name, gittest.Files{"branch": name, "dir/file": name})
	}
	return repo
}

// clone clones a repository with a work tree.
func clone(t *testing.T, args ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "clone")
	gittest.Run(t, append([]string{"clone", "-q"}, append(args, path)...)...)
	return path
}

// TestKindsOfRepositories deploys folders whose objects or branches are not where they are in a bare
// repository.
func TestKindsOfRepositories(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(t *testing.T) (path string)
		// more is an environment beside production, which has the same files.
		more string
	}{
		"a clone": {make: func(t *testing.T) string { return clone(t, branches(t, "production").Path) }},
		"git worktree add": {make: func(t *testing.T) string {
			path := clone(t, branches(t, "production").Path)
			gittest.Run(t, "-C", path, "worktree", "add", "-q", "-b", "linked", path+".linked")
			return path + ".linked"
		}, more: "linked"},
		"a dangling symbolic ref, and one that leads on": {make: func(t *testing.T) string {
			repo := branches(t, "production")
			repo.Run(t, "symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere")
			repo.Run(t, "symbolic-ref", "refs/heads/alias", "refs/heads/production")
			return repo.Path
		}, more: "alias"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r10kAtNight(t, func(t *testing.T, open opener) {
				want := map[string]string{"production": "production"}
				if test.more != "" {
					want[test.more] = "production"
				}
				deploys(t, open(t, test.make(t)), want)
			})
		})
	}
}

// write puts a file among the branches.
func write(t *testing.T, repo, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(repo, "refs", "heads", name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBranchWhoseCommitIsMissing fails alone, and a file that is no branch disturbs nothing.
func TestBranchWhoseCommitIsMissing(t *testing.T) {
	t.Parallel()
	repo := branches(t, "production")
	write(t, repo.Path, "broken", strings.Repeat("1", 40)+"\n")
	write(t, repo.Path, "notes", "call the office")
	e := openGit(t, repo.Path)
	if _, _, err := deploy(t, e, engine.Request{Environment: "broken"}); err == nil || !strings.Contains(err.Error(), "Unable to check out branch 'broken' at 1111") {
		t.Errorf("error %v", err)
	}
	if _, _, err := deploy(t, e, engine.Request{Environment: "production"}); err != nil {
		t.Error(err)
	}
}

// TestAttributesAndConfiguration: attributes and configuration in a repository neither change the
// deployed files nor run programs.
func TestAttributesAndConfiguration(t *testing.T) {
	repo := gittest.New(t)
	ran := filepath.Join(t.TempDir(), "ran")
	repo.Commit(t, "production", gittest.Files{
		".gitattributes": "secret export-ignore\n", "secret": "deployed", "lines": "one\r\ntwo\n",
	})
	for _, setting := range []string{"core.fsmonitor", "core.sshCommand", "core.pager", "uploadpack.packObjectsHook"} {
		repo.Run(t, "config", setting, "touch "+ran)
	}
	repo.Run(t, "config", "core.autocrlf", "true")
	// A template of the user puts hooks into every clone.
	home := newHome(t)
	writeFile(t, filepath.Join(home, ".gitconfig"), "[init]\n\ttemplateDir = "+filepath.Join(home, "template")+"\n")
	for _, dir := range []string{repo.Path, filepath.Join(home, "template")} {
		hooks := filepath.Join(dir, "hooks")
		if err := os.MkdirAll(hooks, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"post-checkout", "reference-transaction"} {
			testneeds.Executable(t, filepath.Join(hooks, name), "#!/bin/sh\ntouch "+ran+"\n")
		}
	}
	r10kAtNight(t, func(t *testing.T, open opener) {
		dir, _, err := deploy(t, open(t, repo.Path), engine.Request{Environment: "production"})
		if tree := gittest.Tree(t, dir); err != nil || tree["secret"] != "deployed" || tree["lines"] != "one\r\ntwo\n" {
			t.Errorf("deployed %q, %v", tree, err)
		}
		if _, err := os.Stat(ran); err == nil {
			t.Error("a command of the repository ran")
		}
	})
}

// TestGitEngineAppliesNoFilters: only r10k checks out with filters, which are programs. A filter that
// is required does not stop the git engine, and one that is missing neither.
func TestGitEngineAppliesNoFilters(t *testing.T) {
	home := newHome(t)
	filter := "[filter \"shout\"]\n\tsmudge = tr a-z A-Z\n\trequired\n"
	writeFile(t, filepath.Join(home, ".gitconfig"), filter)
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{".gitattributes": "* ident eol=crlf filter=shout\n", "file": "$Id$\n"})
	writeFile(t, filepath.Join(repo.Path, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"+filter)
	dir, _, err := deploy(t, openGit(t, repo.Path), engine.Request{Environment: "production"})
	if got := gittest.Tree(t, dir)["file"]; err != nil || !strings.HasPrefix(got, "$Id: ") || !strings.HasSuffix(got, " $\r\n") {
		t.Errorf("deployed %q, %v", got, err)
	}
}

// TestTagAndBranchOfOneName: the engines differ, and docs/sandbox.md says so.
func TestTagAndBranchOfOneName(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit(t, "v1", gittest.Files{"from": "tag"})
	repo.Run(t, "tag", "v1", "refs/heads/v1")
	repo.Commit(t, "v1", gittest.Files{"from": "branch"})
	for want, open := range map[string]opener{"branch": openGit, "tag": openR10K} {
		t.Run(want, func(t *testing.T) {
			dir, _, err := deploy(t, open(t, repo.Path), engine.Request{Environment: "v1"})
			if got := gittest.Tree(t, dir)["from"]; err != nil || got != want {
				t.Errorf("deployed the %s, %v", got, err)
			}
		})
	}
}

// TestRepositoryOwnedByAnotherUser: git refuses it and says how to allow it, which then works.
func TestRepositoryOwnedByAnotherUser(t *testing.T) {
	repo := branches(t, "production")
	program, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin, home := t.TempDir(), t.TempDir()
	wrapper := "#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec " + program + ` "$@"` + "\n"
	testneeds.Executable(t, filepath.Join(bin, "git"), wrapper)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, ".gitconfig"))
	r10kAtNight(t, func(t *testing.T, open opener) {
		settings := "[user]\n\tname = test\n"
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := git.Open(t.Context(), repo.Path, "", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "git config --global --add safe.directory") {
			t.Errorf("error %v", err)
		}
		fails(t, open(t, "file://"+repo.Path), "fatal: detected dubious ownership in repository at '"+repo.Path+"'")
		settings += "[safe]\n\tdirectory = *\n"
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		deploys(t, open(t, repo.Path), map[string]string{"production": "production"})
	})
}

// TestFolderBeyondASCII has everything below a folder with such a name.
func TestFolderBeyondASCII(t *testing.T) {
	testneeds.Program(t, "git")
	dir := filepath.Join(t.TempDir(), "tämp 日")
	t.Setenv("TMPDIR", dir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "grün.git")
	gittest.Run(t, "clone", "-q", "--bare", branches(t, "production", "grün").Path, path)
	want := map[string]string{"production": "production", "gr_n": "grün"}
	t.Run("git", func(t *testing.T) { deploys(t, openGit(t, path), want) })
	if testneeds.Nightly() {
		t.Run("r10k", func(t *testing.T) { deploys(t, r10kIn(t, filepath.Join(dir, "r10k"), path), want) })
	}
}
