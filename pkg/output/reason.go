package output

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
)

// Limits of the texts below, in characters and in lines: a server can send any length.
const (
	maxReason       = 300
	maxMessageLines = 12
)

const noReason = "the server gives no reason"

// Reason is one line about why an environment failed: the most informative of the lines that r10k
// writes.
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

// ReasonIn is the most informative line of a text, "" if the text is a single line.
func (s Style) ReasonIn(message string) string {
	if !strings.Contains(strings.TrimSpace(message), "\n") {
		return ""
	}
	return cut(s.line(bestLine(message)), maxReason)
}

// Message is the whole text of a failure as lines, without repetitions, or nil if it is only the
// Reason. A long text is cut.
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
	// level matches the beginning of an entry of r10k's log.
	level   = pattern.New(`^(?:ERROR|FATAL|WARN)\s*->\s*(?:Error during concurrent deploy of a module: )?`)
	colours = pattern.New(`\x1b\[[0-9;]*m`)
	// heading matches the line that Code Manager puts before r10k's log.
	heading = pattern.New(`^Errors while .*\(exit code: \d+\):?$`)
	// folder matches the path to a Puppetfile, before its line number.
	folder = pattern.New(`^\S*/(Puppetfile:\d+: )`)
	// raised matches the origin of an exception, before its message.
	raised = pattern.New("^\\S+:\\d+:in [`'][^']*': ")
)

// entry is one message of r10k's log.
type entry struct {
	text string
	// levelled is true if it began with a level, so that r10k wrote it and no other program.
	levelled bool
}

// entries are the messages of r10k's log without the heading and without duplicates: r10k logs the
// failure of a module when it happens, and repeats the first one at the end.
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

// bestLine is the most informative line of a message, the first of several, "" if no line is
// informative.
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

// How informative a line is.
const (
	useless = iota
	// mark has no letters, such as a ^ below the line above.
	mark
	// vague only names a file, or only says that something failed.
	vague
	plain
	// message is a line of r10k itself.
	message
	// cause is a line after a title such as Stderr.
	cause
	// exact is an error message of Git, ssh or r10k.
	exact
)

var (
	// nothing matches lines without information: a status, a title, a line of a stack trace.
	nothing = pattern.New("^(?:|Exit code: \\d+|Command: .*|Stdout:|Stderr:|Original exception:|" +
		"(?:from )?\\S+:\\d+(?::in [`'].*')?)$")
	// noise matches general messages of Git and ssh, such as those at their start.
	noise = pattern.New(`^(?:Cloning into .*|(?i:warning): .*|Please make sure you have the correct access rights|and the repository exists\.)$`)
	hazy  = pattern.New(`^(?:Failed to evaluate \S+|Command exited with non-zero exit code:|` +
		`Unable to determine current branches for Git source .*|fatal: Could not read from remote repository\.)$`)
	certain = pattern.New(`^(?:fatal|ssh|error): |Authentication failed|Permission denied|Host key verification failed|` +
		`cannot be found in any source|Puppetfile:\d+: `)
)

// worthOf rates a line by its words, by the title before it, and by whether it begins a message.
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
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	return string(runes[:length-1]) + "…"
}
