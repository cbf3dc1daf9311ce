//go:build !windows

package pipelines

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

const recipes = "recipes.md"

// recipe returns the n-th block under a heading.
func recipe(t *testing.T, heading string, n int) string {
	t.Helper()
	for _, b := range harness.BlocksOf(t, recipes) {
		if b.Heading == heading {
			if n == 0 {
				return b.Text
			}
			n--
		}
	}
	t.Fatalf("%s has no such block under %s", recipes, heading)
	return ""
}

// ciRecipe runs the job for a push. It succeeds for the commit that is deployed, whatever its
// branch is called. It fails for another commit, a deployment that fails, and a branch that is
// gone.
func ciRecipe(w *harness.Workshop, script string, env func(branch, commit string) []string) {
	w.T.Helper()
	var sha string
	for _, branch := range []string{"feature/ci-x", "grün"} {
		sha = w.Push(branch)
		w.Must(0, script, env(branch, sha)...)
	}
	w.Must(7, script, env("feature/ci-x", sha)...)
	w.Must(7, script, env("feature/ci-x", strings.Repeat("0", 40))...)
	w.Must(3, script, env(harness.Failing, w.Push(harness.Failing))...)
	w.Must(3, script, env("gone", sha)...)
}

// deletionRecipe runs the job for a deleted branch. It fails while the branch is there, and
// succeeds when its environment is gone, the second time, too.
func deletionRecipe(w *harness.Workshop, script string, env func(branch string) []string) {
	w.T.Helper()
	for branch, environment := range map[string]string{"feature/gone": "feature_gone", "gelöscht": "gel_scht"} {
		w.Push(branch)
		w.Must(7, script, env(branch)...)
		if !w.Live(environment) {
			w.T.Errorf("%s is not there to be deleted", environment)
		}
		w.Must(0, `git -C "$CLONE" push -q origin --delete "$BRANCH"`, "BRANCH="+branch)
		w.Must(0, script, env(branch)...)
		if w.Live(environment) {
			w.T.Errorf("%s is still there", environment)
		}
		w.Must(0, script, env(branch)...)
	}
}

// workflow is a job of GitHub Actions with one step, and its action.
type workflow struct {
	On          []string
	Concurrency string
	Jobs        map[string]struct {
		If          string
		Environment string
		Steps       []struct {
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
	if key := flow.Concurrency; key != "deploy-"+flow.Jobs["deploy"].Environment {
		t.Errorf("one key for pushes and deletions is not %q", key)
	}
	repository, pin, _ := strings.Cut(strings.TrimPrefix(step.Uses, "puppet-code/puppet-code/"), "@")
	if !regexp.MustCompile("^[0-9a-f]{40}$").MatchString(pin) {
		t.Errorf("the action is pinned to %q, which can move", pin)
	}
	folder, err := filepath.Abs(harness.Root(filepath.FromSlash(repository)))
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
	w := harness.NewWorkshop(t)
	testneeds.Program(t, "bash")
	ca, err := os.ReadFile(w.Vars["PUPPET_CODE_CACERT"])
	if err != nil {
		t.Fatal(err)
	}
	script, step := githubStep(t)
	output, summary := filepath.Join(t.TempDir(), "output"), filepath.Join(t.TempDir(), "summary.md")
	event := func(name, ref, sha string, fields map[string]string) []string {
		contexts := map[string]string{
			"vars.PUPPET_CODE_SERVICE_URL": w.Vars["PUPPET_CODE_SERVICE_URL"], "vars.PUPPET_CA": string(ca),
			"secrets.PUPPET_CODE_TOKEN": w.Token(),
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
		if form := harness.Leaked(string(text), w.Token()); form != "" {
			t.Errorf("the token is in %s, %s", file, form)
		}
	}
}

func TestRecipeGitLab(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
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
		return append(w.Secret(), "CI_COMMIT_BRANCH="+branch, "CI_COMMIT_SHA="+commit)
	}
	ciRecipe(w, script, variables)
	deletionRecipe(w, strings.Join(cleanUp.Script, "\n"), func(branch string) []string { return variables(branch, strings.Repeat("a", 40)) })
	sha := w.Push("report")
	report := w.Must(0, script+"\ncat "+deploy.Artifacts.Reports.Dotenv, variables("report", sha)...)
	if report != "PUPPET_CODE_SIGNATURE="+sha+"\n" {
		t.Errorf("the report is %q", report)
	}
}

func TestRecipeJenkins(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	text := recipe(t, "Jenkins", 0)
	_, rest, _ := strings.Cut(text, "sh '")
	script, _, found := strings.Cut(rest, "'\n")
	if !found || strings.Count(text, "{") != strings.Count(text, "}") || strings.ContainsAny(script, `\'`) {
		t.Fatalf("not a pipeline:\n%s", text)
	}
	ciRecipe(w, script, func(branch, commit string) []string {
		return append(w.Secret(), "BRANCH_NAME="+branch, "GIT_COMMIT="+commit)
	})
}

func TestRecipeAzure(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
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
		return append(w.Secret(), "BUILD_SOURCEBRANCH=refs/heads/"+branch, "BUILD_SOURCEVERSION="+commit)
	})
}

// hook makes a script the post-receive hook of the control repo.
func hook(w *harness.Workshop, script string) {
	w.T.Helper()
	hook := filepath.Join(w.Vars["CODE_MANAGER_SANDBOX_CONTROL_REPO"], "hooks", "post-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		w.T.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(script), 0o700); err != nil {
		w.T.Fatal(err)
	}
}

func TestRecipeWait(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	// It stands for the webhook: who pushes doesn't wait for it.
	hook(w, "#!/bin/sh\nread -r _ _ ref\nsaid=$(puppet-code deploy --branch \"$ref\" 2>&1)\n")
	script := "cd \"$CLONE\" && git switch -q -C \"$BRANCH\" && git commit -q --allow-empty -m change\n" + recipe(t, "If a webhook deploys", 0)
	for _, branch := range []string{"feature/wait", "grün"} {
		w.Must(0, script, "BRANCH="+branch)
	}
}

// A stand-in for puppet-code ends with 8 once. The commit is not live, so it is deployed again.
func TestRecipeAfterAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	script := "cd \"$CLONE\"\n" + strings.ReplaceAll(recipe(t, "After status 8", 0), "--timeout 5m", "--timeout 2s")
	w.Must(0, script)
	folder := t.TempDir()
	unknown := "#!/bin/sh\necho \"$1\" >>\"$CALLS\"\n[ \"$(wc -l <\"$CALLS\")\" -gt 1 ] || exit 8\nexec \"$PROGRAM\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(folder, "puppet-code"), []byte(unknown), 0o700); err != nil {
		t.Fatal(err)
	}
	calls := filepath.Join(t.TempDir(), "calls")
	w.Push("production")
	env := []string{"PATH=" + folder + ":" + w.Vars["PATH"], "PROGRAM=" + filepath.Join(w.Programs, "puppet-code"), "CALLS=" + calls}
	w.Must(0, strings.ReplaceAll(script, "git rev-parse HEAD", "git rev-parse origin/production"), env...)
	if got, err := os.ReadFile(calls); err != nil || string(got) != "deploy\nwait\ndeploy\n" {
		t.Errorf("%v, it called:\n%s", err, got)
	}
}

func TestRecipeCron(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t, 2*time.Second)
	line := regexp.MustCompile(`(?m)^\d+ \* \* \* \* puppet-deploy (.*)$`).FindStringSubmatch(recipe(t, "cron", 0))
	if line == nil {
		t.Fatal("no line for cron")
	}
	testneeds.Program(t, "flock")
	script := "exec 2>&1; cd \"$HOME\"; " + line[1]
	if mail := w.Must(0, script); mail != "" {
		t.Errorf("cron sends mail: %s", mail)
	}
	if log := w.Must(0, "cat \"$HOME/deploy.log\""); !regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d production is `).MatchString(log) {
		t.Errorf("the log has no times:\n%s", log)
	}
	if mail := w.Must(0, script, "PUPPET_CODE_TOKEN=wrong"); !strings.Contains(mail, "Error: ") {
		t.Errorf("cron sends no mail about an error: %q", mail)
	}
	if mail := w.Must(0, "exec 9>\"$HOME/deploy.lock\"; flock 9; "+script, "PUPPET_CODE_TOKEN=wrong"); mail != "" {
		t.Errorf("two runs at a time: %s", mail)
	}
}

func TestRecipeSystemd(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	service, timer := recipe(t, "systemd", 0), recipe(t, "systemd", 1)
	program := filepath.Join(w.Programs, "puppet-code")
	exec := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/(.*)$`).FindStringSubmatch(service)
	token := regexp.MustCompile(`(?m)^Environment=PUPPET_CODE_TOKEN_FILE=%d/token$`).FindString(service)
	if exec == nil || token == "" {
		t.Fatalf("not a service:\n%s", service)
	}
	w.Must(0, exec[1])
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
		said := w.Must(0, `systemd-analyze verify --man=no "$DIR/puppet-code.service" "$DIR/puppet-code.timer" 2>&1`, "DIR="+dir)
		if strings.Contains(said, "puppet-code") {
			t.Errorf("systemd says:\n%s", said)
		}
	})
}

func TestRecipeBolt(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	var task struct {
		InputMethod string                    `json:"input_method"`
		Parameters  map[string]map[string]any `json:"parameters"`
	}
	if err := json.Unmarshal([]byte(recipe(t, "Bolt", 0)), &task); err != nil || task.InputMethod != "environment" || task.Parameters["environments"] == nil {
		t.Fatalf("not a task: %v %+v", err, task)
	}
	if task.Parameters["token"]["sensitive"] != true {
		t.Error("Bolt shows the token")
	}
	script := recipe(t, "Bolt", 1)
	elsewhere := "PUPPET_CODE_SERVICE_URL=https://127.0.0.1:1"
	for _, test := range []struct {
		environments string
		status, n    int
		more         []string
	}{
		{"production testing", 0, 2, nil},
		{"production gone", 3, 2, nil},
		{"production", 4, 0, []string{"PT_token=wrong"}},
		{"production", 0, 1, []string{elsewhere, "PT_service_url=" + w.Vars["PUPPET_CODE_SERVICE_URL"], "PUPPET_CODE_TOKEN=wrong", "PT_token=" + w.Token()}},
	} {
		file := filepath.Join(t.TempDir(), "deploy.sh")
		testneeds.Executable(t, file, script)
		out := w.Must(test.status, file, append(test.more, "PT_environments="+test.environments)...)
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
	w := harness.NewWorkshop(t)
	hook(w, recipe(t, "A Git hook", 0))
	push := func(what string) string {
		return w.Must(0, "cd \"$CLONE\" && git push -q origin "+what+" 2>&1")
	}
	w.Must(0, "cd \"$CLONE\" && git branch feature/hook && git branch grün && git branch "+harness.Failing+" && git tag v1")
	for _, test := range []struct {
		push, want string
		live, gone []string
	}{
		{"feature/hook grün", "(?s)Deployed 1 environment.*Deployed 1 environment", []string{"feature_hook", "gr_n"}, nil},
		{harness.Failing, "Error: 1 of 1 environment failed", nil, nil},
		{"v1", "^$", nil, nil},
		{":feature/hook :grün :v1", "(?s)Gone from the primary and all compilers.*Gone from the primary and all compilers", nil, []string{"feature_hook", "gr_n"}},
	} {
		if said := push(test.push); !regexp.MustCompile(test.want).MatchString(said) {
			t.Errorf("git push %s says:\n%s", test.push, said)
		}
		for _, environment := range test.live {
			if !w.Live(environment) {
				t.Errorf("after git push %s, %s is not there", test.push, environment)
			}
		}
		for _, environment := range test.gone {
			if w.Live(environment) {
				t.Errorf("after git push %s, %s is still there", test.push, environment)
			}
		}
	}
}
