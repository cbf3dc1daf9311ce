package output

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// SummaryOptions are additional facts for a summary.
type SummaryOptions struct {
	// Verdict is the title: a sentence without text of a server.
	Verdict string
	// Each has the time until the outcome of each environment was known. May be nil.
	Each map[string]time.Duration
	// State is the last state of the wait, which has the commits before. May be nil.
	State *follow.State
	// Commit is the commit of the pipeline's run, and Web the address below which its host has pages of
	// commits and comparisons, "" if it is not known. Only this commit is a link.
	Commit, Web string
	// Problem is the reason why the result isn't a success, unless environments failed, or "".
	Problem string
	// Redact removes secrets from text before it is shortened. May be nil.
	Redact func(string) string
}

// Summary writes a result in Markdown, for the page of a pipeline's run: the verdict, a table of
// environments, and the reasons of failures. All text of the server is in code spans and fences that it
// cannot close.
func Summary(w io.Writer, list []codemanager.Deployment, opts SummaryOptions) error {
	style := Style{Redact: opts.Redact}
	var b strings.Builder
	b.WriteString("### " + opts.Verdict + "\n\n")
	if opts.Problem != "" {
		b.WriteString(style.fenced(opts.Problem) + "\n")
	}
	if len(list) > 0 {
		b.WriteString("| Environment | State | Commit | Time |\n|---|---|---|---|\n")
	}
	for _, d := range list {
		took := ""
		if lasted, known := opts.Each[d.Environment]; known {
			took = Duration(lasted)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", style.span(d.Environment), style.span(string(statusOf(d))),
			opts.commit(style, d), took)
	}
	for _, d := range list {
		if !d.Failed() {
			continue
		}
		fmt.Fprintf(&b, "\n%s failed: %s\n", style.span(d.Environment), style.span(style.Reason(d)))
		if style.Message(d) != nil {
			b.WriteString("\n" + style.fenced(d.Error.Msg))
		}
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// isCommit reports whether a text is a SHA or its beginning, in lower case.
func isCommit(text string) bool {
	return len(text) >= 7 && len(text) <= 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// commit is a change of commits, with a link to the comparison if it leads to the pipeline's own commit.
func (o SummaryOptions) commit(style Style, d codemanager.Deployment) string {
	e := changed(d, o.State)
	text := style.span(style.change(e))
	to := strings.ToLower(e.Signature)
	if o.Web == "" || !strings.EqualFold(to, o.Commit) || !isCommit(to) {
		return text
	}
	page := "/commit/" + to
	if e.BeforeKnown && e.Before != e.Signature && isCommit(e.Before) {
		page = "/compare/" + e.Before + "..." + to
	}
	return "[" + text + "](" + o.Web + page + ")"
}

var backquotes = regexp.MustCompile("`+")

// longer is a run of backquotes that is longer than any in a text.
func longer(text string, least int) string {
	for _, run := range backquotes.FindAllString(text, -1) {
		least = max(least, len(run)+1)
	}
	return strings.Repeat("`", least)
}

// span is a text as code in a cell of a table. A bar would end the cell, even in code.
func (s Style) span(text string) string {
	text = strings.ReplaceAll(s.line(text), "|", "¦")
	if text == "" {
		return ""
	}
	fence := longer(text, 1)
	return fence + " " + text + " " + fence
}

// fenced is a text in a block of code.
func (s Style) fenced(text string) string {
	text = Clean(strings.Trim(s.redacted(text), "\n"))
	fence := longer(text, 3)
	return fence + "text\n" + text + "\n" + fence + "\n"
}
