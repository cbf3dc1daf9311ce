//go:build !windows

package harness

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// Workshop is the place where recipes run: a Code Manager, a clone of its control repo, and an
// environment that connects them.
type Workshop struct {
	T    *testing.T
	env  []string
	Vars map[string]string
	// Programs is the folder of both programs.
	Programs string
}

// NewWorkshop starts a Code Manager, whose deployments take at least a delay, and clones its control
// repo to $CLONE.
func NewWorkshop(t *testing.T, delay ...time.Duration) *Workshop {
	t.Helper()
	for _, program := range []string{"sh", "git"} {
		testneeds.Program(t, program)
	}
	w := &Workshop{T: t, Vars: map[string]string{}, Programs: Programs(t)}
	w.env = append(SandboxEnvironment(t, delay...), "PATH="+w.Programs+":"+os.Getenv("PATH"), "HOME="+t.TempDir(), "CLONE="+filepath.Join(t.TempDir(), "clone"),
		"GIT_AUTHOR_NAME=me", "GIT_AUTHOR_EMAIL=me@example.com", "GIT_COMMITTER_NAME=me", "GIT_COMMITTER_EMAIL=me@example.com")
	for _, pair := range w.env {
		name, value, _ := strings.Cut(pair, "=")
		w.Vars[name] = value
	}
	w.Must(0, `git clone -q "$CODE_MANAGER_SANDBOX_CONTROL_REPO" "$CLONE"`)
	return w
}

// Push makes a commit on a branch, and returns its SHA.
func (w *Workshop) Push(branch string) string {
	w.T.Helper()
	return strings.TrimSpace(w.Must(0, `cd "$CLONE" && git switch -q -C "$BRANCH" && date +%N >> data/common.yaml &&
		git commit -q -a -m change && git push -q origin "$BRANCH" && git rev-parse HEAD`, "BRANCH="+branch))
}

// Must runs a shell script that stops at the first failure, like CI, and checks its exit status. It
// returns standard output.
func (w *Workshop) Must(status int, script string, env ...string) string {
	w.T.Helper()
	command := exec.Command("sh", "-e", "-c", script)
	command.Dir = w.T.TempDir()
	command.Env = append(append([]string{}, w.env...), env...)
	said := &strings.Builder{}
	command.Stderr = said
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		w.T.Fatal(err)
	} else if got := command.ProcessState.ExitCode(); got != status {
		w.T.Fatalf("status %d, want %d (%v):\n%s\n%s%s", got, status, exit, script, out, said)
	}
	if form := Leaked(string(out)+said.String(), w.Token()); form != "" {
		w.T.Errorf("the token is in the output, %s:\n%s", form, script)
	}
	return string(out)
}

// Token is the value of a secret in CI.
func (w *Workshop) Token() string {
	text, err := os.ReadFile(w.Vars["PUPPET_CODE_TOKEN_FILE"])
	if err != nil {
		w.T.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// Failing is the branch whose deployments fail in the sandbox of the tests.
const Failing = "failing"

// Live reports whether an environment is in the code directory.
func (w *Workshop) Live(environment string) bool {
	_, err := os.Stat(filepath.Join(w.Vars["CODE_MANAGER_SANDBOX_CODEDIR"], "environments", environment))
	return err == nil
}

// Secret is the token as the variable of a CI.
func (w *Workshop) Secret() []string {
	return []string{"PUPPET_CODE_TOKEN=" + w.Token(), "PUPPET_CODE_TOKEN_FILE="}
}

// SandboxEnvironment starts a sandbox, whose deployments take at least a delay, and returns the variables
// that point to it.
func SandboxEnvironment(t *testing.T, delay ...time.Duration) []string {
	t.Helper()
	options := sandbox.Options{Fail: map[string]string{Failing: ""}}
	for _, d := range delay {
		options.DeployDelay += d
	}
	server, err := sandbox.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return []string{
		"PUPPET_CODE_SERVICE_URL=" + server.URL(), "PUPPET_CODE_CACERT=" + server.CACertFile(),
		"PUPPET_CODE_TOKEN_FILE=" + server.TokenFile(), "PUPPET_CODE_RBAC_URL=" + server.RBACURL(),
		"CODE_MANAGER_SANDBOX_CONTROL_REPO=" + server.ControlRepo(), "CODE_MANAGER_SANDBOX_CODEDIR=" + server.Codedir(),
	}
}
