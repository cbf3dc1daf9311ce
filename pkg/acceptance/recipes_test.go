//go:build !windows

package acceptance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

const recipes = "recipes.md"

// recipe gives the n-th block under a heading.
func recipe(t *testing.T, heading string, n int) string {
	t.Helper()
	for _, b := range blocksOf(t, recipes) {
		if b.heading == heading {
			if n == 0 {
				return b.text
			}
			n--
		}
	}
	t.Fatalf("%s has no such block under %s", recipes, heading)
	return ""
}

// workshop is where recipes run: a Code Manager, a clone of its control repo,
// and an environment that leads from one to the other.
type workshop struct {
	t     *testing.T
	env   []string
	clone string
	vars  map[string]string
	// programs is the folder of both programs.
	programs string
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	for _, program := range []string{"sh", "git", "jq"} {
		testneeds.Program(t, program)
	}
	w := &workshop{t: t, vars: map[string]string{}, programs: programs(t), clone: filepath.Join(t.TempDir(), "clone")}
	w.env = append(sandboxEnvironment(t), "PATH="+w.programs+":"+os.Getenv("PATH"), "HOME="+t.TempDir(),
		"GIT_AUTHOR_NAME=me", "GIT_AUTHOR_EMAIL=me@example.com", "GIT_COMMITTER_NAME=me", "GIT_COMMITTER_EMAIL=me@example.com")
	for _, pair := range w.env {
		name, value, _ := strings.Cut(pair, "=")
		w.vars[name] = value
	}
	w.must(0, "git clone -q \"$CODE_MANAGER_SANDBOX_CONTROL_REPO\" "+w.clone)
	return w
}

// push makes a commit on a branch, and returns its SHA.
func (w *workshop) push(branch string) string {
	w.t.Helper()
	return strings.TrimSpace(w.must(0, "cd "+w.clone+` && git switch -q -C "$BRANCH" && date +%N >> data/common.yaml &&
		git commit -q -a -m change && git push -q origin "$BRANCH" && git rev-parse HEAD`, "BRANCH="+branch))
}

// must runs a script of a shell that stops at the first failure, as CI does,
// and demands its status. It returns standard output.
func (w *workshop) must(status int, script string, env ...string) string {
	w.t.Helper()
	command := exec.Command("sh", "-e", "-c", script)
	command.Dir = w.t.TempDir()
	command.Env = append(append([]string{}, w.env...), env...)
	said := &strings.Builder{}
	command.Stderr = said
	out, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		w.t.Fatal(err)
	} else if got := command.ProcessState.ExitCode(); got != status {
		w.t.Fatalf("status %d, want %d (%v):\n%s\n%s%s", got, status, exit, script, out, said)
	}
	if form := leaked(string(out)+said.String(), w.token()); form != "" {
		w.t.Errorf("the token is in the output, %s:\n%s", form, script)
	}
	return string(out)
}

// token is what a secret of a CI has.
func (w *workshop) token() string {
	text, err := os.ReadFile(w.vars["PUPPET_CODE_TOKEN_FILE"])
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// ciRecipe runs what a CI does for a branch: it succeeds for the commit that is
// deployed, and fails for another one and for a branch that is not there.
func ciRecipe(w *workshop, script, branchVariable, commitVariable string, more ...string) {
	w.t.Helper()
	sha := w.push("feature/ci-x")
	env := slices.Concat(more, []string{"PUPPET_CODE_TOKEN=" + w.token(), "PUPPET_CODE_TOKEN_FILE="})
	w.must(0, script, append(env, branchVariable+"=feature/ci-x", commitVariable+"="+sha)...)
	w.must(1, script, append(env, branchVariable+"=feature/ci-x", commitVariable+"="+strings.Repeat("0", 40))...)
	w.must(3, script, append(env, branchVariable+"=gone", commitVariable+"="+sha)...)
}

func TestRecipeGitHub(t *testing.T) {
	w := newWorkshop(t)
	var workflow struct {
		On   any
		Jobs map[string]struct {
			RunsOn []string `yaml:"runs-on"`
			Steps  []struct {
				Env map[string]string
				Run string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(recipe(t, "GitHub Actions", 0)), &workflow); err != nil {
		t.Fatal(err)
	}
	step := workflow.Jobs["deploy"].Steps[0]
	if workflow.On == nil || len(step.Env) != 3 {
		t.Fatalf("not a workflow: %+v", workflow)
	}
	ca, err := os.ReadFile(w.vars["PUPPET_CODE_CACERT"])
	if err != nil {
		t.Fatal(err)
	}
	ciRecipe(w, step.Run, "GITHUB_REF_NAME", "GITHUB_SHA", "GITHUB_ACTIONS=true", "PUPPET_CODE_CACERT=", "PUPPET_CA="+string(ca))
}

func TestRecipeGitLab(t *testing.T) {
	w := newWorkshop(t)
	var pipeline map[string]struct {
		Script []string
		Rules  []map[string]string
	}
	if err := yaml.Unmarshal([]byte(recipe(t, "GitLab CI", 0)), &pipeline); err != nil {
		t.Fatal(err)
	}
	ciRecipe(w, strings.Join(pipeline["deploy"].Script, "\n"), "CI_COMMIT_REF_NAME", "CI_COMMIT_SHA")
}

func TestRecipeJenkins(t *testing.T) {
	w := newWorkshop(t)
	text := recipe(t, "Jenkins", 0)
	_, rest, _ := strings.Cut(text, "sh '''")
	script, _, found := strings.Cut(rest, "'''")
	if !found || strings.Count(text, "{") != strings.Count(text, "}") || strings.Contains(script, `\`) {
		t.Fatalf("not a pipeline:\n%s", text)
	}
	ciRecipe(w, script, "BRANCH_NAME", "GIT_COMMIT")
}

func TestRecipeCron(t *testing.T) {
	w := newWorkshop(t)
	line := regexp.MustCompile(`(?m)^\d+ \* \* \* \* puppet-deploy (.*)$`).FindStringSubmatch(recipe(t, "cron", 0))
	if line == nil {
		t.Fatal("no line for cron")
	}
	script := "exec 2>&1; " + line[1]
	if mail := w.must(0, script); mail != "" {
		t.Errorf("cron sends mail: %s", mail)
	}
	if mail := w.must(4, script, "PUPPET_CODE_TOKEN=wrong"); !strings.Contains(mail, "Error: ") {
		t.Errorf("cron sends no mail about an error: %q", mail)
	}
}

func TestRecipeSystemd(t *testing.T) {
	w := newWorkshop(t)
	service, timer := recipe(t, "systemd", 0), recipe(t, "systemd", 1)
	program := filepath.Join(w.programs, "puppet-code")
	exec := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/(.*)$`).FindStringSubmatch(service)
	token := regexp.MustCompile(`(?m)^Environment=PUPPET_CODE_TOKEN_FILE=%d/token$`).FindString(service)
	if exec == nil || token == "" {
		t.Fatalf("not a service:\n%s", service)
	}
	w.must(0, exec[1])
	t.Run("verify", func(t *testing.T) {
		testneeds.Program(t, "systemd-analyze")
		dir := t.TempDir()
		for name, text := range map[string]string{
			"puppet-code.service": strings.ReplaceAll(service, "/usr/bin/puppet-code", program),
			"puppet-code.timer":   timer,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		said := w.must(0, "systemd-analyze verify --man=no "+dir+"/puppet-code.service "+dir+"/puppet-code.timer 2>&1")
		if strings.Contains(said, "puppet-code") {
			t.Errorf("systemd says:\n%s", said)
		}
	})
}

func TestRecipeBolt(t *testing.T) {
	w := newWorkshop(t)
	var task struct {
		InputMethod string                    `json:"input_method"`
		Parameters  map[string]map[string]any `json:"parameters"`
	}
	if err := json.Unmarshal([]byte(recipe(t, "Bolt", 0)), &task); err != nil || task.InputMethod != "environment" || task.Parameters["environments"] == nil {
		t.Fatalf("not a task: %v %+v", err, task)
	}
	script := recipe(t, "Bolt", 1)
	for _, test := range []struct {
		environments string
		status, n    int
		more         string
	}{
		{"production testing", 0, 2, "PUPPET_CODE_TOKEN="},
		{"production gone", 3, 2, "PUPPET_CODE_TOKEN="},
		{"production", 4, 0, "PUPPET_CODE_TOKEN=wrong"},
	} {
		file := filepath.Join(t.TempDir(), "deploy.sh")
		if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		out := w.must(test.status, file, "PT_environments="+test.environments, test.more)
		var result struct {
			Deployments []struct{ Environment, Status string } `json:"deployments"`
		}
		if err := json.Unmarshal([]byte(out), &result); err != nil || len(result.Deployments) != test.n {
			t.Errorf("%s: %v\n%s", test.environments, err, out)
		}
	}
}

func TestRecipeGitHook(t *testing.T) {
	w := newWorkshop(t)
	hook := filepath.Join(w.vars["CODE_MANAGER_SANDBOX_CONTROL_REPO"], "hooks", "post-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(recipe(t, "A Git hook", 0)), 0o700); err != nil {
		t.Fatal(err)
	}
	w.push("feature/hook")
	live := filepath.Join(w.vars["CODE_MANAGER_SANDBOX_CODEDIR"], "environments", "feature_hook")
	if _, err := os.Stat(live); err != nil {
		t.Errorf("the hook deployed nothing: %v", err)
	}
	// Neither a tag nor a branch that is gone deploys anything.
	said := w.must(0, "cd "+w.clone+" && git tag v1 && git push -q origin v1 2>&1 && git push -q origin --delete feature/hook 2>&1")
	if strings.Contains(said, "ENVIRONMENT") {
		t.Errorf("the hook said:\n%s", said)
	}
}
