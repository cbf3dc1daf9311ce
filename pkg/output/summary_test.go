package output_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

func TestSummary(t *testing.T) {
	var b strings.Builder
	err := output.Summary(&b, []codemanager.Deployment{
		{Environment: "production", Status: codemanager.StatusComplete, DeploySignature: sha},
		{Environment: "testing", Status: codemanager.StatusComplete, DeploySignature: "25ba88a1f232f3ea311925c599856670abd713f0"},
		{Environment: "nope", Status: codemanager.StatusFailed, Error: &codemanager.ErrorObject{Msg: "one\nERROR\t -> two\n"}},
	}, output.SummaryOptions{Took: 61234 * time.Millisecond, Each: map[string]time.Duration{"production": 61234 * time.Millisecond, "nope": 5 * time.Second}, Commit: strings.ToUpper(sha), CommitURL: "https://github.com/o/r/commit/" + sha})
	want := "### Deployment of Puppet code\n\n| Environment | State | Commit | Time |\n|---|---|---|---|\n" +
		"| ` production ` | ` complete ` | [` 482f8d3adc `](https://github.com/o/r/commit/" + sha + ") | 1m1s |\n" +
		"| ` testing ` | ` complete ` | ` 25ba88a1f2 ` |  |\n" +
		"| ` nope ` | ` failed ` |  | 5.0s |\n\nIt took 1m1s.\n\n` nope ` failed:\n\n```text\none\nERROR\t -> two\n```\n\n"
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
		}, output.SummaryOptions{Problem: "problem\n" + text}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		if row := lines[4]; strings.Count(row, "|") != 5 || strings.ContainsAny(row, "\x1b\u202e") {
			t.Fatalf("the row is %q", row)
		}
		for _, cell := range strings.Split(lines[4], "|")[1:4] {
			inCode(t, strings.TrimSpace(cell))
		}
		// The reason of the failure and the problem.
		if fences := fencesOf(t, lines[5:]); fences != 2 {
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
		case fence == "" && line != "" && !strings.HasPrefix(line, "`") && line != " failed:":
			t.Fatalf("outside of code: %q", line)
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
