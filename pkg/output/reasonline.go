package output

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
)

// Rules for the line of a failure that a person would point at. Programs talk before they fail: ssh
// shows banners and complaints that do no harm, r10k a title and a stack trace. Git ends with a general
// line after the message of the host.

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
	// exact is an error message of Git, ssh, a Git host or r10k.
	exact
)

var (
	// nothing matches lines without information: a status, a title, a line of a stack trace.
	nothing = regexp.MustCompile("^(?:|Exit code: \\d+|Command: .*|Stdout:|Stderr:|Original exception:|" +
		"(?:from )?\\S+:\\d+(?::in [`'].*')?)$")
	// chat matches what programs say whether or not they fail.
	chat = regexp.MustCompile(`^(?:Cloning into .*|(?:\S+ )?(?i:warning): .*|\*\* .*|@ .* @|Identity added: .*|` +
		`(?:X11 forwarding|PTY allocation) request failed.*|Pseudo-terminal will not be allocated.*|` +
		`Failed to add the host to the list of known hosts.*|(?:hostfile_replace_entries|update_known_hosts): .*|` +
		`Could not create directory '.*/\.ssh'.*|Ignoring \S+ because its extensions are not built\..*|` +
		`(?:Shared )?[Cc]onnection to \S+ closed\.|Please make sure you have the correct access rights|and the repository exists\.)$`)
	hazy = regexp.MustCompile(`^(?:Failed to evaluate \S+|Command exited with non-zero exit code:|ERROR_[A-Z_]+ \(\d+\)|` +
		`Unable to determine current branches for Git source .*|fatal: (?:early EOF|index-pack failed|.*invalid index-pack output))$`)
	certain = regexp.MustCompile(`^(?i:fatal|ssh|error): |Authentication failed|Permission denied|Host key verification failed|` +
		`cannot be found in any source|Puppetfile:\d+: `)
	// hungUp matches Git's last line about a host that did not let it in. The host's own words come before.
	hungUp = regexp.MustCompile(`^fatal: (?:Could not read from remote repository|(?i:the remote end hung up unexpectedly))\.?$`)
	// unusableKey matches complaints of ssh about a key. If it has no other key, the host refuses it.
	unusableKey = regexp.MustCompile(`^(?:Permissions \d+ for .* are too open\.|Load key .*|bad permissions: .*|no such identity: .*|` +
		`(?:Warning: )?Identity file .* not accessible: .*)$`)

	// remote is Git's prefix before lines of the host.
	remote = regexp.MustCompile(`^remote:(?: +|$)`)
	// raised matches the origin of an exception, before its message.
	raised = regexp.MustCompile("^\\S+:\\d+:in [`'][^']*': ")
	// folder matches the path to a Puppetfile, before its line number.
	folder = regexp.MustCompile(`^\S*/(Puppetfile:\d+: )`)
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
	title, key, last, isExact := "", "", "", false
	begins := e.logged
	for line := range strings.Lines(e.text) {
		line = strings.TrimSpace(line)
		worth := worthOf(remote.ReplaceAllString(line, ""), title, begins)
		begins = false
		switch {
		case hungUp.MatchString(line) && last != "":
			return last, exact
		case unusableKey.MatchString(line):
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
		if isTitle := worth == useless && strings.HasSuffix(line, ":"); isTitle || worth >= plain {
			title = line
		}
	}
	return best, most
}

// worthOf rates a line by its words, by the title before it, and by whether it begins a message.
func worthOf(line, title string, begins bool) int {
	switch {
	case nothing.MatchString(line):
		return useless
	case !strings.ContainsFunc(line, unicode.IsLetter):
		return mark
	case hazy.MatchString(line), chat.MatchString(line):
		return vague
	case hungUp.MatchString(line):
		return plain
	case certain.MatchString(line):
		return exact
	case title == "Stderr:" || title == "Original exception:":
		return cause
	case begins:
		return message
	default:
		return plain
	}
}

// saysMore reports whether a line informs beside the reason: a command does, a banner of ssh does not.
func saysMore(line string) bool {
	said := remote.ReplaceAllString(line, "")
	return strings.HasPrefix(line, "Command: ") ||
		!nothing.MatchString(said) && !chat.MatchString(said) && !hungUp.MatchString(said) &&
			!strings.HasPrefix(said, "Command exited with") && strings.ContainsFunc(said, unicode.IsLetter)
}

// bare is a line without a prefix that says where it comes from.
func bare(line string) string {
	line = remote.ReplaceAllString(line, "")
	return folder.ReplaceAllString(raised.ReplaceAllString(line, ""), "$1")
}
