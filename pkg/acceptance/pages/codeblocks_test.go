//go:build !windows

package pages

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// ran has, by page and language, the test that runs its fenced blocks. A block that cannot be run
// is fenced as text. TestSessionsOfPagesRun runs the sessions (console).
var ran = map[string]string{
	"README.md sh":                          "TestReadmeExamplesRun",
	"docs/reference/json.md json":           "TestJSONPageShowsRealResults",
	"docs/getting-started.md console":       "TestSessionsOfPagesRun",
	"docs/troubleshooting-setup.md console": "TestSessionsOfPagesRun",
	"docs/troubleshooting.md console":       "TestSessionsOfPagesRun",
	"docs/moving.md console":                "TestSessionsOfPagesRun",
	"docs/recipes.md yaml":                  "TestRecipeGitHub",
	"docs/recipes.md groovy":                "TestRecipeJenkins",
	"docs/recipes.md cron":                  "TestRecipeCron",
	"docs/recipes.md systemd":               "TestRecipeSystemd",
	"docs/recipes.md json":                  "TestRecipeBolt",
	"docs/recipes.md sh":                    "TestRecipeGitHook",
	"docs/sandbox.md sh":                    "TestScriptsOfTheSandboxPage",
	"docs/go.md go":                         "TestProgramOfTheGoPage",
	"docs/sandbox.md go":                    "TestGoExampleOfTheSandboxPage",
}

func TestCodeBlocksOfPagesAreRun(t *testing.T) {
	functions := harness.TestFunctions(t)
	seen := map[string]bool{}
	for name, page := range harness.Pages(t) {
		for _, fence := range regexp.MustCompile("(?ms)^```(\\w*)\n.*?^```$").FindAllStringSubmatch(page, -1) {
			key := name + " " + fence[1]
			seen[key] = true
			if fence[1] != "text" && !functions[ran[key]] {
				t.Errorf("%s: no test runs its blocks of %q; fence text as text", name, fence[1])
			}
		}
	}
	for key := range ran {
		if !seen[key] {
			t.Errorf("there is no block of %s any more", key)
		}
	}
}

var quotedCommand = regexp.MustCompile("`((?:puppet-code|code-manager-sandbox) [^`]*)`")

// The programs accept every command on a page, indented or in backquotes. Even with --help, an
// unknown action or option is an error.
func TestCommandsOfPagesExist(t *testing.T) {
	t.Parallel()
	dir := harness.Programs(t)
	checked := 0
	for name, page := range harness.Pages(t) {
		var commands []string
		for line := range strings.Lines(page) {
			if rest, ok := strings.CutPrefix(line, "    "); ok {
				line = "`" + strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(rest), "$ "), "PS> ") + "`"
			}
			for _, match := range quotedCommand.FindAllStringSubmatch(line, -1) {
				commands = append(commands, match[1])
			}
		}
		for _, command := range commands {
			// A redirection, a pipe, a comment and the command of the sandbox are not the program's.
			words := strings.Fields(regexp.MustCompile(`[|>#&;]| -- | -- ?$`).Split(command, 2)[0])
			if strings.ContainsAny(command, "<…$*[") || strings.Contains(command, "ACTION") {
				continue
			}
			checked++
			run := exec.Command(filepath.Join(dir, words[0]), append(words[1:], "--help")...)
			var said bytes.Buffer
			run.Stdout, run.Stderr = io.Discard, &said
			if err := run.Run(); err != nil {
				t.Errorf("%s: `%s`: %v: %s", name, command, err, said.String())
			}
		}
	}
	if checked < 30 {
		t.Errorf("%d commands", checked)
	}
}

// TestScriptsWithMistakesFailUnderFaults runs those with a mistake, too.
func TestScriptsOfTheSandboxPage(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkshop(t)
	dir := t.TempDir()
	for _, b := range harness.BlocksOf(t, "sandbox.md") {
		if name := regexp.MustCompile(`(?m)^# ([\w-]+\.sh)`).FindStringSubmatch(b.Text); name != nil && b.Language == "sh" {
			testneeds.Executable(t, filepath.Join(dir, name[1]), b.Text)
		}
	}
	w.Must(0, "cd \"$DIR\" && code-manager-sandbox -- ./test-deploy.sh", "DIR="+dir)
	t.Run("r10k", func(t *testing.T) {
		testneeds.Program(t, "r10k")
		w.Must(0, "cd \"$DIR\" && code-manager-sandbox --engine r10k -- ./test-puppetfile.sh", "DIR="+dir)
	})
}

// The example is the body of a test, which is compiled into the package and run.
func TestGoExampleOfTheSandboxPage(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "go")
	var body string
	for _, b := range harness.BlocksOf(t, "sandbox.md") {
		if b.Language == "go" {
			body = b.Text
		}
	}
	dir := t.TempDir()
	source := "package sandbox_test\n\nimport (\n\t\"testing\"\n\n\t\"github.com/puppet-code/puppet-code/pkg/sandbox\"\n)\n\nfunc TestOfThePage(t *testing.T) {\n" + body + "}\n"
	target, err := filepath.Abs(harness.Root("pkg", "sandbox", "page_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	file, overlay := filepath.Join(dir, "page_test.go"), filepath.Join(dir, "overlay.json")
	for path, text := range map[string]string{file: source, overlay: `{"Replace": {"` + target + `": "` + file + `"}}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said, err := exec.Command("go", "test", "-v", "-overlay", overlay, "-run", "^TestOfThePage$", harness.Root("pkg", "sandbox")).CombinedOutput()
	if err != nil || !bytes.Contains(said, []byte("--- PASS: TestOfThePage")) {
		t.Errorf("%v:\n%s", err, said)
	}
}
