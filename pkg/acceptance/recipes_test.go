//go:build !windows

package acceptance

import (
	"errors"
	"maps"
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

// recipe returns the n-th block under a heading.
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

// workshop is the place where recipes run: a Code Manager, a clone of its control repo, and an
// environment that connects them.
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
	for _, program := range []string{"sh", "git"} {
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

// must runs a shell script that stops at the first failure, like CI, and checks its exit status. It
// returns standard output.
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

// token is the value of a secret in CI.
func (w *workshop) token() string {
	text, err := os.ReadFile(w.vars["PUPPET_CODE_TOKEN_FILE"])
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// failing is the branch whose deployments fail in the sandbox of the tests.
const failing = "failing"

// ciRecipe runs the job for a push. It succeeds for the commit that is deployed, whatever its
// branch is called. It fails for another commit, a deployment that fails, and a branch that is
// gone.
func ciRecipe(w *workshop, script string, env func(branch, commit string) []string) {
	w.t.Helper()
	var sha string
	for _, branch := range []string{"feature/ci-x", "grün"} {
		sha = w.push(branch)
		w.must(0, script, env(branch, sha)...)
	}
	w.must(7, script, env("feature/ci-x", sha)...)
	w.must(7, script, env("feature/ci-x", strings.Repeat("0", 40))...)
	w.must(3, script, env(failing, w.push(failing))...)
	w.must(3, script, env("gone", sha)...)
}

// deletionRecipe runs the job for a deleted branch. It fails while the branch is there, and
// succeeds when its environment is gone, the second time, too.
func deletionRecipe(w *workshop, script string, env func(branch string) []string) {
	w.t.Helper()
	for branch, environment := range map[string]string{"feature/gone": "feature_gone", "gelöscht": "gel_scht"} {
		w.push(branch)
		w.must(7, script, env(branch)...)
		if !w.live(environment) {
			w.t.Errorf("%s is not there to be deleted", environment)
		}
		w.must(0, "git -C "+w.clone+` push -q origin --delete "$BRANCH"`, "BRANCH="+branch)
		w.must(0, script, env(branch)...)
		if w.live(environment) {
			w.t.Errorf("%s is still there", environment)
		}
		w.must(0, script, env(branch)...)
	}
}

// live reports whether an environment is in the code directory.
func (w *workshop) live(environment string) bool {
	_, err := os.Stat(filepath.Join(w.vars["CODE_MANAGER_SANDBOX_CODEDIR"], "environments", environment))
	return err == nil
}

// secret is the token as the variable of a CI.
func (w *workshop) secret() []string {
	return []string{"PUPPET_CODE_TOKEN=" + w.token(), "PUPPET_CODE_TOKEN_FILE="}
}

func TestRecipeScript(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	script := recipe(t, "A script", 0)
	if out := w.must(0, script); !regexp.MustCompile(`^production is at [0-9a-f]{40}\n$`).MatchString(out) {
		t.Errorf("the script says %q", out)
	}
	// After a failure it doesn't go on.
	if out := w.must(3, strings.ReplaceAll(script, "production", failing)); out != "" {
		t.Errorf("the script says %q", out)
	}
}

// workflow is a job of GitHub Actions with one step, and its action.
type workflow struct {
	On   []string
	Jobs map[string]struct {
		If    string
		Steps []struct {
			Uses string
			With map[string]string
		}
	}
}

type compositeAction struct {
	Inputs map[string]struct {
		Default  string
		Required bool
	}
	Runs struct {
		Steps []struct {
			Env map[string]string
			Run string
		}
	}
}

// expressions replaces the expressions of GitHub Actions in a text. A context that isn't there is empty.
func expressions(text string, contexts map[string]string) string {
	return regexp.MustCompile(`\$\{\{ (\S+) \}\}`).ReplaceAllStringFunc(text, func(match string) string {
		return contexts[strings.TrimSuffix(strings.TrimPrefix(match, "${{ "), " }}")]
	})
}

// githubStep is the step of the recipe: its script, and its environment for an event, whose fields are
// those of contexts.
func githubStep(t *testing.T) (script string, env func(contexts map[string]string) []string) {
	t.Helper()
	var flow workflow
	if err := yaml.Unmarshal([]byte(recipe(t, "GitHub Actions", 0)), &flow); err != nil {
		t.Fatal(err)
	}
	step := flow.Jobs["deploy"].Steps[0]
	repository, _, _ := strings.Cut(strings.TrimPrefix(step.Uses, "puppet-code/puppet-code/"), "@")
	folder, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(repository)))
	if err != nil || !slices.Equal(flow.On, []string{"push", "delete"}) {
		t.Fatalf("not a workflow: %v %+v", err, flow)
	}
	text, err := os.ReadFile(filepath.Join(folder, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action compositeAction
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	for name := range step.With {
		if _, ok := action.Inputs[name]; !ok {
			t.Errorf("the action has no input %s", name)
		}
	}
	for name, input := range action.Inputs {
		if input.Required && step.With[name] == "" {
			t.Errorf("the recipe does not give the input %s", name)
		}
	}
	return action.Runs.Steps[0].Run, func(contexts map[string]string) []string {
		inputs := maps.Clone(contexts)
		for name, input := range action.Inputs {
			inputs["inputs."+name] = input.Default
		}
		for name, value := range step.With {
			inputs["inputs."+name] = expressions(value, contexts)
		}
		env := []string{"GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH=" + folder, "PUPPET_CODE_CACERT=", "PUPPET_CODE_TOKEN_FILE="}
		for name, value := range action.Runs.Steps[0].Env {
			env = append(env, name+"="+expressions(value, inputs))
		}
		return env
	}
}

func TestRecipeGitHub(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	testneeds.Program(t, "bash")
	ca, err := os.ReadFile(w.vars["PUPPET_CODE_CACERT"])
	if err != nil {
		t.Fatal(err)
	}
	script, step := githubStep(t)
	output, summary := filepath.Join(t.TempDir(), "output"), filepath.Join(t.TempDir(), "summary.md")
	event := func(name, ref, sha string, fields map[string]string) []string {
		contexts := map[string]string{
			"vars.PUPPET_CODE_SERVICE_URL": w.vars["PUPPET_CODE_SERVICE_URL"], "vars.PUPPET_CA": string(ca),
			"secrets.PUPPET_CODE_TOKEN": w.token(),
		}
		for field, value := range fields {
			contexts["github.event."+field] = value
		}
		return append(step(contexts), "GITHUB_EVENT_NAME="+name, "GITHUB_REF="+ref, "GITHUB_SHA="+sha, "RUNNER_TEMP="+t.TempDir(),
			"GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary, "GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=o/r")
	}
	ciRecipe(w, script, func(branch, commit string) []string {
		return event("push", "refs/heads/"+branch, commit, map[string]string{"ref": "refs/heads/" + branch, "deleted": "false"})
	})
	deletionRecipe(w, script, func(branch string) []string {
		return event("delete", "refs/heads/production", strings.Repeat("a", 40), map[string]string{"ref": branch, "ref_type": "branch"})
	})
	// The same as a push. The ref of its run is the default branch: its own is gone.
	deletionRecipe(w, script, func(branch string) []string {
		return event("push", "refs/heads/production", strings.Repeat("a", 40), map[string]string{"ref": "refs/heads/" + branch, "deleted": "true"})
	})
	for file, want := range map[string]string{
		output:  `(?m)^signature=[0-9a-f]{40}$`,
		summary: `https://github.com/o/r/commit/[0-9a-f]{40}\)`,
	} {
		text, err := os.ReadFile(file)
		if err != nil || !regexp.MustCompile(want).Match(text) {
			t.Errorf("%v, %s does not match %s:\n%s", err, file, want, text)
		}
		if form := leaked(string(text), w.token()); form != "" {
			t.Errorf("the token is in %s, %s", file, form)
		}
	}
}

func TestRecipeGitLab(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	var pipeline map[string]struct {
		Script      []string
		Rules       []map[string]any
		Environment map[string]string
		Variables   map[string]string
		Artifacts   struct{ Reports struct{ Dotenv string } }
	}
	if err := yaml.Unmarshal([]byte(recipe(t, "GitLab CI", 0)), &pipeline); err != nil {
		t.Fatal(err)
	}
	deploy, cleanUp := pipeline["deploy"], pipeline[pipeline["deploy"].Environment["on_stop"]]
	if deploy.Environment["name"] != cleanUp.Environment["name"] || cleanUp.Environment["action"] != "stop" ||
		cleanUp.Variables["GIT_STRATEGY"] != "none" || deploy.Rules[0]["if"] != cleanUp.Rules[0]["if"] {
		t.Errorf("the environment of %+v does not end by %+v", deploy, cleanUp)
	}
	script := strings.Join(deploy.Script, "\n")
	variables := func(branch, commit string) []string {
		return append(w.secret(), "CI_COMMIT_BRANCH="+branch, "CI_COMMIT_SHA="+commit)
	}
	ciRecipe(w, script, variables)
	deletionRecipe(w, strings.Join(cleanUp.Script, "\n"), func(branch string) []string { return variables(branch, strings.Repeat("a", 40)) })
	sha := w.push("report")
	report := w.must(0, script+"\ncat "+deploy.Artifacts.Reports.Dotenv, variables("report", sha)...)
	if report != "PUPPET_CODE_SIGNATURE="+sha+"\n" {
		t.Errorf("the report is %q", report)
	}
}

func TestRecipeJenkins(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	text := recipe(t, "Jenkins", 0)
	_, rest, _ := strings.Cut(text, "sh '")
	script, _, found := strings.Cut(rest, "'\n")
	if !found || strings.Count(text, "{") != strings.Count(text, "}") || strings.ContainsAny(script, `\'`) {
		t.Fatalf("not a pipeline:\n%s", text)
	}
	ciRecipe(w, script, func(branch, commit string) []string {
		return append(w.secret(), "BRANCH_NAME="+branch, "GIT_COMMIT="+commit)
	})
}

func TestRecipeAzure(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	var pipeline struct {
		Trigger struct{ Branches struct{ Include []string } }
		Jobs    []struct {
			Steps []struct {
				Script string
				Env    map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(recipe(t, "Azure Pipelines", 0)), &pipeline); err != nil {
		t.Fatal(err)
	}
	step := pipeline.Jobs[0].Steps[0]
	if len(pipeline.Trigger.Branches.Include) != 1 || step.Env["PUPPET_CODE_TOKEN"] != "$(PUPPET_CODE_TOKEN)" {
		t.Fatalf("not a pipeline: %+v", pipeline)
	}
	ciRecipe(w, step.Script, func(branch, commit string) []string {
		return append(w.secret(), "BUILD_SOURCEBRANCH=refs/heads/"+branch, "BUILD_SOURCEVERSION="+commit)
	})
}

// hook makes a script the post-receive hook of the control repo.
func (w *workshop) hook(script string) {
	w.t.Helper()
	hook := filepath.Join(w.vars["CODE_MANAGER_SANDBOX_CONTROL_REPO"], "hooks", "post-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(script), 0o700); err != nil {
		w.t.Fatal(err)
	}
}

func TestRecipeWait(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	// It stands for the webhook: who pushes doesn't wait for it.
	w.hook("#!/bin/sh\nread -r _ _ ref\nsaid=$(puppet-code deploy --branch \"$ref\" 2>&1)\n")
	script := "cd " + w.clone + " && git switch -q -C \"$BRANCH\" && git commit -q --allow-empty -m change\n" + recipe(t, "If a webhook deploys", 0)
	for _, branch := range []string{"feature/wait", "grün"} {
		w.must(0, script, "BRANCH="+branch)
	}
}

func TestRecipeCron(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
		testneeds.Executable(t, file, script)
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
	t.Parallel()
	w := newWorkshop(t)
	w.hook(recipe(t, "A Git hook", 0))
	push := func(what string) string {
		return w.must(0, "cd "+w.clone+" && git push -q origin "+what+" 2>&1")
	}
	w.must(0, "cd "+w.clone+" && git branch feature/hook && git branch grün && git branch "+failing+" && git tag v1")
	for _, test := range []struct {
		push, want string
		live, gone []string
	}{
		{"feature/hook grün", "(?s)Deployed 1 environment.*Deployed 1 environment", []string{"feature_hook", "gr_n"}, nil},
		{failing, "Error: 1 of 1 environment failed", nil, nil},
		{"v1", "^$", nil, nil},
		{":feature/hook :grün :v1", "(?s)Gone from the primary and all compilers.*Gone from the primary and all compilers", nil, []string{"feature_hook", "gr_n"}},
	} {
		if said := push(test.push); !regexp.MustCompile(test.want).MatchString(said) {
			t.Errorf("git push %s says:\n%s", test.push, said)
		}
		for _, environment := range test.live {
			if !w.live(environment) {
				t.Errorf("after git push %s, %s is not there", test.push, environment)
			}
		}
		for _, environment := range test.gone {
			if w.live(environment) {
				t.Errorf("after git push %s, %s is still there", test.push, environment)
			}
		}
	}
}
