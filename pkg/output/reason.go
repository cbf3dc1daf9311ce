package output

import (
	"cmp"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
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
	line := cut(s.line(cmp.Or(bare(bestLine(d.Error.Msg)), d.Error.Kind, noReason)), maxReason)
	if !strings.Contains(line, "cannot be found in any source") {
		return line
	}
	// If the line has the corrected name, r10k looked for that one, and it is not there either.
	if name := d.Error.CorrectedName(); name != "" && name != d.Environment && !strings.Contains(line, "'"+name+"'") {
		return line + " The environment is called " + s.line(name) + "."
	}
	for _, branch := range patterns().ignored.FindAllStringSubmatch(d.Error.Msg, -1) {
		if codemanager.EnvironmentName(branch[1]) == codemanager.EnvironmentName(d.Environment) {
			return line + " The server ignores the branch " + s.line(branch[1]) + " because of characters in its name: " +
				"rename the branch, or change invalid_branches in r10k's settings."
		}
	}
	return line + " The branch may have been deleted, or never pushed."
}

// ReasonIn is the most informative line of a text, "" if the text is a single line.
func (s Style) ReasonIn(message string) string {
	if !strings.Contains(strings.TrimSpace(message), "\n") {
		return ""
	}
	return cut(s.line(bare(bestLine(message))), maxReason)
}

// Message is what the text of a failure says besides the Reason, as lines, errors before warnings,
// without repetitions and without what is about other branches; nil if it says no more. A long text is
// cut.
func (s Style) Message(d codemanager.Deployment) []string {
	if d.Error == nil {
		return nil
	}
	var lines []string
	seen := map[string]bool{bestLine(d.Error.Msg): true}
	for _, e := range entries(d.Error.Msg) {
		if e.weight == aside {
			continue
		}
		for line := range strings.Lines(e.text) {
			trimmed := strings.TrimSpace(line)
			if seen[trimmed] || !saysMore(trimmed) {
				continue
			}
			seen[trimmed] = true
			lines = append(lines, cut(Clean(s.redacted(strings.ReplaceAll(strings.TrimRight(line, " \r\n"), "\t", " "))), maxReason))
		}
	}
	if len(lines) > maxMessageLines {
		lines = append(lines[:maxMessageLines-1], "…")
	}
	return lines
}

// weight is how much an entry of a log says about the failure.
type weight int

const (
	failure weight = iota
	warning
	aside // about another branch
)

// entry is one message of r10k's log.
type entry struct {
	text   string
	weight weight
	// logged is true if r10k wrote it, and no other program.
	logged bool
}

// entries are the messages of r10k's log, errors before warnings, without the heading.
func entries(message string) []entry {
	var list []entry
	for line := range strings.Lines(patterns().colours.ReplaceAllString(strings.TrimSpace(message), "")) {
		begin := patterns().logged.FindStringSubmatch(line)
		switch {
		case patterns().heading.MatchString(strings.TrimSpace(line)):
		case begin != nil:
			text := line[len(begin[0]):]
			list = append(list, entry{text, weightOf(begin[1], text), true})
		case len(list) == 0 || list[len(list)-1].weight != failure: // warnings have one line
			list = append(list, entry{text: line})
		default:
			list[len(list)-1].text += line
		}
	}
	list = slices.DeleteFunc(list, func(e entry) bool { return strings.TrimSpace(e.text) == "" })
	slices.SortStableFunc(list, func(a, b entry) int { return int(a.weight - b.weight) })
	return list
}

func weightOf(level, text string) weight {
	switch {
	case patterns().otherBranch.MatchString(text):
		return aside
	case level == "ERROR", level == "FATAL":
		return failure
	default:
		return warning
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
