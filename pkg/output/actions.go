package output

import (
	"regexp"
	"strings"
)

// The runner of GitHub Actions executes a line that begins with "::", after any spaces, and "##["
// anywhere. Text from a server, or from the author of a branch, must not reach it as a command. WriteJSON and
// CopyJSON escape it everywhere.

var commandLine = regexp.MustCompile(`(?m)^([\s\pZ]*):{2}`)

// ForActions breaks up commands for the runner of GitHub Actions.
func ForActions(text string) string {
	return strings.ReplaceAll(commandLine.ReplaceAllString(text, "$1: :"), "##[", "# #[")
}
