package output

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// The runner of GitHub Actions executes a line that begins with "::", after any spaces, and "##["
// anywhere. Text from a server, or from the author of a branch, must not reach it as a command.

var commandLine = regexp.MustCompile(`(?m)^([\s\pZ]*):{2}`)

// ForActions breaks up commands for the runner of GitHub Actions.
func ForActions(text string) string {
	return strings.ReplaceAll(commandLine.ReplaceAllString(text, "$1: :"), "##[", "# #[")
}

// ActionsJSON writes JSON without commands for the runner of GitHub Actions: "##[", which occurs
// only in strings, is written with an escape. The JSON has the same meaning.
func ActionsJSON(w io.Writer) io.Writer { return &actionsJSON{w: w} }

type actionsJSON struct {
	w io.Writer
	// held are up to two # at the end of the text so far. JSON never ends with #.
	held []byte
}

func (a *actionsJSON) Write(p []byte) (int, error) {
	text := append(a.held, p...) //nolint:gocritic // held is set again below
	end := len(text)
	for end > 0 && len(text)-end < 2 && text[end-1] == '#' {
		end--
	}
	if _, err := a.w.Write(bytes.ReplaceAll(text[:end], []byte("##["), []byte(`##\u005b`))); err != nil {
		return 0, err
	}
	a.held = append([]byte(nil), text[end:]...)
	return len(p), nil
}
