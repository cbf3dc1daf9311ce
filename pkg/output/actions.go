package output

import (
	"bytes"
	"io"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
)

// The runner of GitHub Actions obeys a line that begins with "::", blanks before it not counted, and
// "##[" anywhere. Text from a server, or from the author of a branch, must not reach it as a command.

var commandLine = pattern.New(`(?m)^([\s\pZ]*):{2}`)

// ForActions breaks up what the runner of GitHub Actions would obey.
func ForActions(text string) string {
	return strings.ReplaceAll(commandLine().ReplaceAllString(text, "$1: :"), "##[", "# #[")
}

// ActionsJSON writes JSON in which the runner of GitHub Actions finds no command: "##[", which only
// strings can have, is written with an escape. The JSON has the same meaning.
func ActionsJSON(w io.Writer) io.Writer { return &actionsJSON{w: w} }

type actionsJSON struct {
	w io.Writer
	// held are up to two # at the end of what was written. JSON does not end with one.
	held []byte
}

func (a *actionsJSON) Write(p []byte) (int, error) {
	text := append(a.held, p...) //nolint:gocritic // held is made anew below
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
