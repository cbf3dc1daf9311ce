package output

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// SummaryOptions are additional facts for a summary.
type SummaryOptions struct {
	// Took is how long the wait took; 0 is not shown.
	Took time.Duration
	// Each has the time until the outcome of each environment was known. May be nil.
	Each map[string]time.Duration
	// Commit is the commit of the pipeline's run, and CommitURL its page. Only this commit is a
	// link.
	Commit, CommitURL string
	// DryRun is true if nothing was deployed.
	DryRun bool
	// Problem is an additional reason why the result isn't a success, or "".
	Problem string
	// Redact removes secrets from text before it is shortened. May be nil.
	Redact func(string) string
}

// Summary writes a result in Markdown, for the page of a pipeline's run: a table of environments,
// and the reasons of failures. All text of the server is in code spans and fences that it cannot
// close.
func Summary(w io.Writer, list []codemanager.Deployment, opts SummaryOptions) error {
	style := Style{Redact: opts.Redact}
	var b strings.Builder
	title := "Deployment of Puppet code"
	if opts.DryRun {
		title = "Dry run: nothing was deployed"
	}
	b.WriteString("### " + title + "\n\n")
	if len(list) > 0 {
		b.WriteString("| Environment | State | Commit | Time |\n|---|---|---|---|\n")
	}
	for _, d := range list {
		took := ""
		if lasted, known := opts.Each[d.Environment]; known {
			took = Duration(lasted)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", style.span(d.Environment), style.span(string(statusOf(d))),
			opts.commit(style, d.DeploySignature), took)
	}
	if opts.Took > 0 {
		fmt.Fprintf(&b, "\nIt took %s.\n", Duration(opts.Took))
	}
	for _, d := range list {
		if d.Failed() {
			text := style.Reason(d)
			if d.Error != nil && d.Error.Msg != "" {
				text = d.Error.Msg
			}
			fmt.Fprintf(&b, "\n%s failed:\n\n%s", style.span(d.Environment), style.fenced(text))
		}
	}
	if opts.Problem != "" {
		fmt.Fprintf(&b, "\n%s", style.fenced(opts.Problem))
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}

// commit is a short commit, with a link if it is the pipeline's own.
func (o SummaryOptions) commit(style Style, signature string) string {
	short := style.span(shorten(style.redacted(signature), shortSignature))
	if signature != "" && strings.EqualFold(signature, o.Commit) && o.CommitURL != "" {
		return "[" + short + "](" + o.CommitURL + ")"
	}
	return short
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
