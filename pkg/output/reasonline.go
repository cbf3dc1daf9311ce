package output

import (
	"cmp"
	"strings"
	"unicode"
)

// Rules for the line of a failure that a person would point at. Programs talk before they fail: ssh
// shows banners and complaints that do no harm, r10k a title and a stack trace. Git ends with a general
// line after the message of the host.

// How informative a line is.
const (
	useless = iota
	// vague only names a file, only says that something failed, or has no letters.
	vague
	plain
	// message is a line of r10k itself.
	message
	// exact is an error message of Git, ssh, a Git host or r10k.
	exact
)

// bestLine is the most informative line of a message, the first of several, "" if no line is
// informative. Errors come before warnings.
func bestLine(text string) string {
	for _, weight := range []weight{failure, warning, aside} {
		best, most := "", useless
		for _, e := range entries(text) {
			if e.weight != weight {
				continue
			}
			if line, worth := e.best(); worth > most {
				best, most = line, worth
			}
		}
		if most > useless {
			return best
		}
	}
	return ""
}

// best is the most informative line of an entry: the first of several, but the last one of those before
// Git's line about a host that hung up.
func (e entry) best() (best string, most int) {
	key, last, isExact := "", "", false
	begins := e.logged
	for line := range strings.Lines(e.text) {
		line = strings.TrimSpace(line)
		worth := worthOf(patterns().remote.ReplaceAllString(line, ""), begins)
		begins = false
		switch {
		case patterns().hungUp.MatchString(line) && last != "":
			return last, exact
		case patterns().unusableKey.MatchString(line):
			key = cmp.Or(key, line)
		case key != "" && strings.Contains(line, "Permission denied ("):
			return key, exact
		}
		if worth > most {
			best, most = line, worth
		}
		if worth == exact || worth > vague && !isExact {
			last, isExact = line, worth == exact
		}
	}
	return best, most
}

// worthOf rates a line by its words, and by whether it begins a message.
func worthOf(line string, begins bool) int {
	switch {
	case patterns().nothing.MatchString(line):
		return useless
	case !strings.ContainsFunc(line, unicode.IsLetter), patterns().hazy.MatchString(line), patterns().chat.MatchString(line):
		return vague
	case patterns().certain.MatchString(line):
		return exact
	case begins:
		return message
	default:
		return plain
	}
}

// saysMore reports whether a line informs beside the reason: a command does, a banner of ssh does not.
func saysMore(line string) bool {
	said := patterns().remote.ReplaceAllString(line, "")
	return strings.HasPrefix(line, "Command: ") ||
		!patterns().nothing.MatchString(said) && !patterns().chat.MatchString(said) && !patterns().hungUp.MatchString(said) &&
			!strings.HasPrefix(said, "Command exited with") && strings.ContainsFunc(said, unicode.IsLetter)
}

// bare is a line without a prefix that says where it comes from.
func bare(line string) string {
	line = patterns().remote.ReplaceAllString(line, "")
	return patterns().folder.ReplaceAllString(patterns().raised.ReplaceAllString(line, ""), "$1")
}
