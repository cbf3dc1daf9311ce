package output_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

const shaBefore = "25ba88a1f232f3ea311925c599856670abd713f0"

func TestSummary(t *testing.T) {
	const msg = "ERROR\t -> Command exited with non-zero exit code:\nCommand: git fetch\nStderr:\nfatal: it broke\n"
	state := &follow.State{Environments: []follow.Environment{
		{Name: "production", Before: shaBefore, BeforeKnown: true},
		{Name: "same", Before: sha, BeforeKnown: true},
		{Name: "other", BeforeKnown: true},
	}}
	var b strings.Builder
	err := output.Summary(&b, []codemanager.Deployment{
		{Environment: "production", Status: codemanager.StatusComplete, DeploySignature: sha},
		{Environment: "same", Status: codemanager.StatusComplete, DeploySignature: sha},
		{Environment: "other", Status: codemanager.StatusComplete, DeploySignature: shaBefore},
		{Environment: "unseen", Status: codemanager.StatusComplete, DeploySignature: shaBefore},
		{Environment: "nope", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "one"}},
		{Environment: "broken", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: msg}},
	}, output.SummaryOptions{
		Verdict: "2 of 6 environments failed", Problem: "a problem", State: state,
		Each:   map[string]time.Duration{"production": 61234 * time.Millisecond, "nope": 5 * time.Second},
		Commit: strings.ToUpper(sha), Web: "https://github.com/o/r",
	})
	want := "### 2 of 6 environments failed\n\n```text\na problem\n```\n\n| Environment | State | Commit | Time |\n|---|---|---|---|\n" +
		"| ` production ` | ` complete ` | [` 25ba88a1f2 -> 482f8d3adc `](https://github.com/o/r/compare/" + shaBefore + "..." + sha + ") | 1m1s |\n" +
		"| ` same ` | ` complete ` | [` 482f8d3adc (unchanged) `](https://github.com/o/r/commit/" + sha + ") |  |\n" +
		"| ` other ` | ` complete ` | ` 25ba88a1f2 (new) ` |  |\n" +
		"| ` unseen ` | ` complete ` | ` 25ba88a1f2 ` |  |\n" +
		"| ` nope ` | ` failed ` |  | 5.0s |\n| ` broken ` | ` failed ` |  |  |\n\n` nope ` failed: ` one `\n" +
		"\n` broken ` failed: ` fatal: it broke `\n\n```text\n" + msg + "```\n\n"
	if err != nil || b.String() != want {
		t.Errorf("%v, got:\n%s\nwant:\n%s", err, b.String(), want)
	}
}

// Text of the server can neither leave its cell or fence, nor become a link, an image or HTML: it
// stands in code, between backquotes that it has fewer of in a row, and on one line in a cell.
func FuzzSummary(f *testing.F) {
	for _, text := range []string{"a|b", `a\|b`, "`", "``", "```\n# title", "![i](http://x)", "<img src=x>", "a\nb", "~~~", "www.example.com", "\x1b[31m\u202e", strings.Repeat("\xbe", 11)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		if err := output.Summary(&b, []codemanager.Deployment{
			{Environment: text, Status: codemanager.StatusFailed, DeploySignature: text, Error: &codemanager.ErrorObject{Msg: text}},
		}, output.SummaryOptions{
			Verdict: "verdict", Problem: "problem\n" + text, Commit: text, Web: "https://github.com/o/r",
			State: &follow.State{Environments: []follow.Environment{{Name: text, Before: text + "0", BeforeKnown: true}}},
		}); err != nil {
			t.Fatal(err)
		}
		before, after, _ := strings.Cut(b.String(), "| Environment | State | Commit | Time |\n|---|---|---|---|\n")
		lines := strings.Split(after, "\n")
		if row := lines[0]; strings.Count(row, "|") != 5 || strings.ContainsAny(row, "\x1b\u202e") {
			t.Fatalf("the row is %q", row)
		}
		for _, cell := range strings.Split(lines[0], "|")[1:4] {
			inCode(t, strings.TrimSpace(cell))
		}
		if fences := fencesOf(t, strings.Split(strings.TrimPrefix(before, "### verdict\n"), "\n")); fences != 1 {
			t.Fatalf("%d fences before the table in %q", fences, b.String())
		}
		// The message of the failure, if it says more than the reason.
		if fences := fencesOf(t, lines[1:]); fences > 1 {
			t.Fatalf("%d fences in %q", fences, b.String())
		}
	})
}

var opening = regexp.MustCompile("^(`{3,})text$")

// fencesOf counts the blocks of code. The first line of backquotes that is long enough ends a
// block, and the text between two blocks is one line in code, or empty.
func fencesOf(t *testing.T, lines []string) (count int) {
	t.Helper()
	fence := ""
	for _, line := range lines {
		switch match := opening.FindStringSubmatch(line); {
		case fence != "" && strings.HasPrefix(strings.TrimLeft(line, " "), fence):
			if line != fence {
				t.Fatalf("the fence ends early: %q", line)
			}
			fence = ""
			count++
		case fence == "" && match != nil:
			fence = match[1]
		case fence == "" && line != "":
			name, reason, found := strings.Cut(line, " failed: `")
			if !found && !strings.HasPrefix(line, " failed: ") {
				t.Fatalf("outside of code: %q", line)
			}
			inCode(t, name)
			inCode(t, "`"+reason)
		}
	}
	if fence != "" {
		t.Fatal("a fence does not end")
	}
	return count
}

func inCode(t *testing.T, cell string) {
	t.Helper()
	if cell == "" {
		return
	}
	fence := cell[:len(cell)-len(strings.TrimLeft(cell, "`"))]
	inner, ok := strings.CutSuffix(strings.TrimPrefix(cell, fence+" "), " "+fence)
	if fence == "" || !ok || strings.Contains(inner, fence) {
		t.Fatalf("the cell is %q", cell)
	}
}
