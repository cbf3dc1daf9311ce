//go:build !windows

package pages

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// step is a command in a session of a page, with the lines that it shows.
type step struct {
	command string
	shown   []string
}

func stepsOf(blocks []harness.Block) []step {
	var steps []step
	for _, b := range blocks {
		if b.Language != "console" {
			continue
		}
		for line := range strings.Lines(b.Text) {
			line = strings.TrimSuffix(line, "\n")
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: command})
			} else if line != "" {
				last := &steps[len(steps)-1]
				last.shown = append(last.shown, line)
			}
		}
	}
	return steps
}

// matches compares a line of a page with a line of the screen; … matches any text.
func matches(shown, line string) bool {
	var pattern strings.Builder
	for i, part := range strings.Split(shown, "…") {
		if i > 0 {
			pattern.WriteString(".*")
		}
		pattern.WriteString(regexp.QuoteMeta(part))
	}
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString(line)
}

const authorities = "/etc/ssl/certs/ca-certificates.crt"

// The sessions of these pages are typed line by line, on a terminal. If PUPPET_CODE_ROOT names the
// root of a system with the packages installed, the session of the first page runs there.
func TestSessionsOfPagesRun(t *testing.T) {
	t.Parallel()
	for page, needs := range map[string][]string{
		"getting-started.md":       {"bash", "git"},
		"troubleshooting.md":       {"bash"},
		"troubleshooting-setup.md": {"bash"},
		"moving.md":                {"bash", "curl", "jq"},
	} {
		t.Run(page, func(t *testing.T) {
			root := os.Getenv("PUPPET_CODE_ROOT")
			if root != "" && page != "getting-started.md" {
				t.Skip("for this machine, not for another root")
			}
			for _, program := range needs {
				if root == "" {
					testneeds.Program(t, program)
				}
			}
			steps := stepsOf(harness.BlocksOf(t, page))
			if len(steps) == 0 {
				t.Fatal("no session")
			}
			// Not every machine has the authorities of Debian.
			if _, err := os.Stat(authorities); err != nil && os.Getenv("CI") != "true" {
				steps = slices.DeleteFunc(steps, func(s step) bool { return strings.Contains(s.command, authorities) })
			}
			var environment []string
			if page != "getting-started.md" {
				environment = harness.SandboxEnvironment(t)
			}
			screen := typeSession(t, root, environment, steps)
			for i, step := range steps {
				checkStep(t, screen, i, step, page == "getting-started.md", i+1 < len(steps) && steps[i+1].command == "echo $?" || len(step.shown) > 0 && strings.HasPrefix(page, "troubleshooting"))
			}
			if t.Failed() {
				t.Logf("screen:\n%s", screen)
			}
		})
	}
}

// People search the pages for the text of an error, so every heading must be a text of the program
// or of r10k, and stand in the index of the first page. An entry is short.
func TestTroubleshootingHasTheWordsOfTheProgram(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"cli", "codemanager", "config", "follow", "internal/certs", "internal/proxy", "internal/textfile", "internal/transport", "output", "sandbox", "sandbox/internal/*", "service"} {
		files, err := filepath.Glob(harness.Root("pkg", pattern, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				sources.Write(text)
			}
		}
	}
	pages := harness.Pages(t)
	index, entries := pages["docs/troubleshooting.md"], 0
	for _, name := range []string{"troubleshooting.md", "troubleshooting-setup.md"} {
		for _, entry := range strings.Split(pages["docs/"+name], "\n### ")[1:] {
			entries++
			entry, _, _ = strings.Cut(entry, "\n## ")
			text, body, _ := strings.Cut(entry, "\n")
			if text[0] != '[' && !ofGit[text] && !strings.Contains(sources.String(), text) {
				t.Errorf("the program never says %q", text)
			}
			if !strings.Contains(index, "["+strings.NewReplacer("[", `\[`, "]", `\]`).Replace(text)+"](") {
				t.Errorf("the index has no %q", text)
			}
			if lines := strings.Count(strings.TrimSpace(body), "\n") + 1; lines > 8 {
				t.Errorf("%d lines about %q, want at most 8", lines, text)
			}
		}
	}
	if entries < 40 {
		t.Errorf("%d entries", entries)
	}
}

// ofGit are the words of r10k and Git that are no words of the program.
var ofGit = map[string]bool{"Authentication failed for Git remote": true, "Host key verification failed": true, "Puppetfile": true}

// typeSession runs the steps in one shell, and marks in its output where each
// begins and with which status it ended.
func typeSession(t *testing.T, root string, environment []string, steps []step) string {
	t.Helper()
	var script strings.Builder
	script.WriteString("status=0\n")
	for i, step := range steps {
		fmt.Fprintf(&script, "echo '@@begin %d'\n(exit $status)\n%s\nstatus=$?\necho; echo \"@@end %d $status\"\n", i, step.command, i)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	work := t.TempDir()
	path := harness.Programs(t) + ":" + os.Getenv("PATH")
	command := exec.CommandContext(ctx, "bash", "-c", script.String())
	command.Dir = work
	if root != "" {
		command = exec.CommandContext(ctx, "chroot", root, "bash", "-c", "cd /root\n"+script.String())
		work, path = "/root", "/usr/local/bin:/usr/bin:/bin"
	}
	command.Env = append([]string{"PATH=" + path, "HOME=" + work, "TERM=dumb", "LANG=C.UTF-8"}, environment...)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 50, Cols: 250})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var screen bytes.Buffer
	_, _ = io.Copy(&screen, terminal)
	if err := command.Wait(); err != nil {
		t.Errorf("the session: %v", err)
	}
	return strings.ReplaceAll(screen.String(), "\r\n", "\n")
}

// progress is a line of a wait on a terminal without a live view.
var progress = regexp.MustCompile(`^\S+ is (queued|deploying|staged|complete|failed)`)

// checkStep checks that a step succeeded, unless it should fail, and showed these lines in this
// order.
// If the page is complete, the step showed nothing else.
func checkStep(t *testing.T, screen string, i int, step step, complete, mayFail bool) {
	t.Helper()
	_, text, _ := strings.Cut(screen, fmt.Sprintf("@@begin %d\n", i))
	text, end, found := strings.Cut(text, fmt.Sprintf("\n@@end %d ", i))
	if !found {
		t.Errorf("$ %s: did not end", step.command)
		return
	}
	status, _, _ := strings.Cut(end, "\n")
	failed := strings.Contains(strings.Join(step.shown, "\n"), "Error: ")
	if status != "0" && !mayFail || status == "0" && failed {
		t.Errorf("$ %s: status %s", step.command, status)
	}
	lines := strings.Split(text, "\n")
	if complete {
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" || progress.MatchString(line) })
		if len(lines) != len(step.shown) {
			t.Errorf("$ %s\nshows more than the page, or less:\n%s", step.command, strings.Join(lines, "\n"))
		}
	}
	for _, shown := range step.shown {
		at := 0
		for at < len(lines) && !matches(shown, strings.TrimRight(lines[at], " ")) {
			at++
		}
		if at == len(lines) {
			t.Errorf("$ %s\ndoes not show %q", step.command, shown)
			return
		}
		lines = lines[at+1:]
	}
}
