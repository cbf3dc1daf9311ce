package output

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Reason is why an environment failed, on one line.
func Reason(d codemanager.Deployment) string {
	if d.Error == nil {
		return "the server gives no reason"
	}
	line := lastLine(cmp.Or(d.Error.Msg, d.Error.Kind, "the server gives no reason"))
	if !strings.Contains(line, "cannot be found in any source") {
		return line
	}
	if name := d.Error.CorrectedName(); name != "" && name != d.Environment {
		return line + " The environment is called " + CleanLine(name) + "."
	}
	return line + " The branch may have been deleted, or never pushed."
}

// lastLine is the last line of an error that r10k wrote, without the level and the arrow that it puts
// before: what went wrong, on one line. Where the last line only points at the one above, as that of
// a syntax error does, it is the last line that has a level.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last, _ := withoutLevel(lines[len(lines)-1])
	for i := len(lines) - 1; i >= 0 && !strings.ContainsFunc(last, unicode.IsLetter); i-- {
		if message, hasLevel := withoutLevel(lines[i]); hasLevel {
			last = message
		}
	}
	return CleanLine(last)
}

func withoutLevel(line string) (message string, hasLevel bool) {
	level, rest, ok := strings.Cut(line, "->")
	if ok {
		switch strings.TrimSpace(level) {
		case "ERROR", "FATAL", "WARN":
			return rest, true
		}
	}
	return line, false
}
