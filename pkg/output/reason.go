package output

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
)

// Bounds of the texts below, in characters and in lines: a server can send any length.
const (
	maxReason       = 300
	maxMessageLines = 12
)

const noReason = "the server gives no reason"

// Reason says on one line why an environment failed: of the many lines that r10k writes, the one that
// says most, wherever it stands.
func (s Style) Reason(d codemanager.Deployment) string {
	if d.Error == nil {
		return noReason
	}
	line := cut(s.line(cmp.Or(bestLine(d.Error.Msg), d.Error.Kind, noReason)), maxReason)
	if !strings.Contains(line, "cannot be found in any source") {
		return line
	}
	if name := d.Error.CorrectedName(); name != "" && name != d.Environment {
		return line + " The environment is called " + s.line(name) + "."
	}
	return line + " The branch may have been deleted, or never pushed."
}

// ReasonIn is the Reason in a text that is not about one environment, "" if the text is one line.
func (s Style) ReasonIn(message string) string {
	if !strings.Contains(strings.TrimSpace(message), "\n") {
		return ""
	}
	return cut(s.line(bestLine(message)), maxReason)
}

// Message is the whole text of a failure as lines, without what r10k repeats, or nil if Reason says it
// all. A long text is cut.
func (s Style) Message(d codemanager.Deployment) []string {
	if d.Error == nil {
		return nil
	}
	var lines []string
	for _, e := range entries(d.Error.Msg) {
		for line := range strings.Lines(e.text) {
			line = cut(Clean(s.redacted(strings.ReplaceAll(strings.TrimRight(line, " \r\n"), "\t", " "))), maxReason)
			if line != "" {
				lines = append(lines, line)
			}
		}
	}
	if len(lines) < 2 {
		return nil
	}
	if len(lines) > maxMessageLines {
		lines = append(lines[:maxMessageLines-1], "…")
	}
	return lines
}

var (
	// level begins an entry of r10k's log.
	level   = pattern.New(`^(?:ERROR|FATAL|WARN)\s*->\s*(?:Error during concurrent deploy of a module: )?`)
	colours = pattern.New(`\x1b\[[0-9;]*m`)
	// heading is the line that Code Manager puts before r10k's.
	heading = pattern.New(`^Errors while .*\(exit code: \d+\):?$`)
	// folder is the path to a Puppetfile, before its line number.
	folder = pattern.New(`^\S*/(Puppetfile:\d+: )`)
	// raised is where an exception comes from, before its message.
	raised = pattern.New("^\\S+:\\d+:in [`'][^']*': ")
)

// entry is one message of r10k's log.
type entry struct {
	text string
	// levelled is true if it began with a level: it is not what another program wrote.
	levelled bool
}

// entries are the messages of r10k's log without the heading, each once: r10k tells the failure of a
// module when it happens, and the first of them again at the end.
func entries(message string) []entry {
	var list []entry
	for line := range strings.Lines(colours().ReplaceAllString(strings.TrimSpace(message), "")) {
		begin := level().FindString(line)
		switch {
		case heading().MatchString(strings.TrimSpace(line)):
		case begin != "" || len(list) == 0:
			list = append(list, entry{line[len(begin):], begin != ""})
		default:
			list[len(list)-1].text += line
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(e entry) bool {
		text := strings.TrimSpace(e.text)
		again := seen[text] || text == ""
		seen[text] = true
		return again
	})
}

// bestLine is the line of a message that says most, the first of several, "" if none says anything.
func bestLine(message string) string {
	best, most := "", useless
	for _, e := range entries(message) {
		before, begins := "", e.levelled
		for line := range strings.Lines(e.text) {
			line = strings.TrimSpace(line)
			if worth := worthOf(line, before, begins); worth > most {
				best, most = line, worth
			}
			begins = false
			if line != "" && !noise().MatchString(line) {
				before = line
			}
		}
	}
	return folder().ReplaceAllString(raised().ReplaceAllString(best, ""), "$1")
}

// How much a line says.
const (
	useless = iota
	// mark has no letters: it points at the line above.
	mark
	// vague names a file, or says that something failed.
	vague
	plain
	// message is what r10k itself says.
	message
	// cause is what follows a title such as Stderr.
	cause
	// exact is what Git, ssh or r10k say of the thing itself.
	exact
)

var (
	// nothing says nothing by itself: a status, a title, a line of a stack trace.
	nothing = pattern.New("^(?:|Exit code: \\d+|Command: .*|Stdout:|Stderr:|Original exception:|" +
		"(?:from )?\\S+:\\d+(?::in [`'].*')?)$")
	// noise is what Git and ssh say before they do anything, or of no failure in particular.
	noise = pattern.New(`^(?:Cloning into .*|(?i:warning): .*|Please make sure you have the correct access rights|and the repository exists\.)$`)
	hazy  = pattern.New(`^(?:Failed to evaluate \S+|Command exited with non-zero exit code:|` +
		`Unable to determine current branches for Git source .*|fatal: Could not read from remote repository\.)$`)
	certain = pattern.New(`^(?:fatal|ssh|error): |Authentication failed|Permission denied|Host key verification failed|` +
		`cannot be found in any source|Puppetfile:\d+: `)
)

// worthOf judges a line by its words, by the title before it, and by whether it begins a message.
func worthOf(line, before string, begins bool) int {
	switch {
	case nothing().MatchString(line):
		return useless
	case !strings.ContainsFunc(line, unicode.IsLetter):
		return mark
	case hazy().MatchString(line), noise().MatchString(line):
		return vague
	case certain().MatchString(line):
		return exact
	case before == "Stderr:" || before == "Original exception:":
		return cause
	case begins:
		return message
	default:
		return plain
	}
}

// cut shortens a text to a number of characters.
func cut(text string, length int) string {
	if len(text) <= length {
		return text
	}
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	return string(runes[:length-1]) + "…"
}
