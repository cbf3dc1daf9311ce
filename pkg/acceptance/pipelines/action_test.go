//go:build unix

package pipelines

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

var actionFolder = harness.Root(".github", "actions", "deploy")

// Inputs and events must come through the environment, because in a script they would be code.
func TestActionHasNoExpressionsInScripts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(actionFolder, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs  map[string]any
		Outputs map[string]any
		Runs    struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	if len(action.Runs.Steps) != 1 || len(action.Inputs) < 8 || len(action.Outputs) != 3 {
		t.Fatalf("the action is %+v", action)
	}
	for _, step := range action.Runs.Steps {
		if strings.Contains(step.Run, "${{") || !strings.Contains(step.Run, "deploy.sh") {
			t.Errorf("run: %s", step.Run)
		}
		for name := range action.Inputs {
			if !strings.Contains(fmt.Sprint(step.Env), "inputs."+name+" ") {
				t.Errorf("the input %s goes nowhere", name)
			}
		}
	}
}

// action runs deploy.sh with a stand-in that prints its arguments.
func action(t *testing.T, path string, env ...string) (output, said string, err error) {
	t.Helper()
	script, absErr := filepath.Abs(filepath.Join(actionFolder, "deploy.sh"))
	if absErr != nil {
		t.Fatal(absErr)
	}
	file := filepath.Join(t.TempDir(), "output")
	shell := "bash"
	if runtime.GOOS == "darwin" {
		shell = "/bin/bash" // 3.2, which every runner with macOS has
	}
	command := exec.Command(shell, script)
	command.Env = append([]string{
		"PATH=" + path, "GITHUB_OUTPUT=" + file, "RUNNER_TEMP=" + t.TempDir(), "HOME=" + t.TempDir(),
		"PUPPET_CODE_TOKEN=" + harness.RawToken, "GITHUB_SHA=" + strings.Repeat("a1", 20),
	}, env...)
	text, err := command.CombinedOutput()
	written, _ := os.ReadFile(file) // not there after an error
	if strings.Contains(string(text)+string(written), harness.RawToken) {
		t.Error("the token is in the output")
	}
	return string(written), string(text), err
}

// standIn is a PATH with a puppet-code that prints its arguments and a result.
func standIn(t *testing.T, status int) string {
	t.Helper()
	needBash(t)
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\necho \"called: $*\" >&2\nprintf '[\\n  {\\n    \"deploy-signature\": \"abc\",\\n    \"environment\": \"x\"\\n  }\\n]\\n'\nexit %d\n", status)
	testneeds.Executable(t, filepath.Join(dir, "puppet-code"), script)
	return dir + ":" + os.Getenv("PATH")
}

func needBash(t *testing.T) {
	t.Helper()
	for _, program := range []string{"bash", "curl", "tar"} {
		if ok, err := harness.Needs(program); err != nil {
			t.Fatal(err)
		} else if !ok {
			t.Skip(program + " is not installed")
		}
	}
}

func TestActionByEvent(t *testing.T) {
	path := standIn(t, 0)
	sha := strings.Repeat("a1", 20)
	for name, test := range map[string]struct {
		env  []string
		want string
	}{
		"a push":                                 {[]string{"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/feature/x"}, "deploy --expect " + sha + " --branch feature/x --timeout 25m"},
		"an umlaut":                              {[]string{"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/grün"}, "--branch grün"},
		"a push that deletes":                    {[]string{"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/main", "EVENT_REF=refs/heads/x", "EVENT_DELETED=true"}, "deploy --expect-deleted --branch x "},
		"a branch that was deleted":              {[]string{"GITHUB_EVENT_NAME=delete", "EVENT_REF=feature/x", "EVENT_REF_TYPE=branch", "GITHUB_REF=refs/heads/main"}, "deploy --expect-deleted --branch feature/x "},
		"another environment":                    {[]string{"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/x", "INPUT_ENVIRONMENT=testing"}, "deploy --wait --timeout 25m --format json -- testing"},
		"an environment that begins with a dash": {[]string{"GITHUB_EVENT_NAME=schedule", "INPUT_ENVIRONMENT=--all"}, "-- --all"},
		"no expectation":                         {[]string{"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/x", "INPUT_EXPECT=none"}, "deploy --wait --branch x "},
		"a commit and a time":                    {[]string{"GITHUB_EVENT_NAME=workflow_dispatch", "GITHUB_REF=refs/heads/x", "INPUT_EXPECT=abcdef0", "INPUT_TIMEOUT=5m"}, "deploy --expect abcdef0 --branch x --timeout 5m"},
	} {
		output, said, err := action(t, path, test.env...)
		if err != nil || !strings.Contains(said, "called: ") || !strings.Contains(said, test.want) {
			t.Errorf("%s: %v, %s", name, err, said)
		}
		if !regexp.MustCompile(`^status=0\nsignature=abc\nresult<<(result-[0-9a-f]{32})\n(?s:.*)\n\n(result-[0-9a-f]{32})\n$`).MatchString(output) {
			t.Errorf("%s: outputs %q", name, output)
		}
	}
	for name, env := range map[string][]string{
		"a pull request":        {"GITHUB_EVENT_NAME=pull_request", "GITHUB_REF=refs/pull/1/merge"},
		"a tag":                 {"GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/tags/v1"},
		"a tag that is deleted": {"GITHUB_EVENT_NAME=delete", "EVENT_REF=v1", "EVENT_REF_TYPE=tag"},
	} {
		output, said, err := action(t, path, env...)
		if err == nil || output != "" || !strings.Contains(said, "::error::") || strings.Contains(said, "called:") {
			t.Errorf("%s: %v, %s, %s", name, err, said, output)
		}
	}
}

func TestActionEndsWithTheStatusOfTheProgram(t *testing.T) {
	output, said, err := action(t, standIn(t, 7), "GITHUB_EVENT_NAME=push", "GITHUB_REF=refs/heads/x")
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 7 || !strings.HasPrefix(output, "status=7\n") { //nolint:errorlint // not wrapped
		t.Errorf("%v, %s, %s", err, said, output)
	}
}
