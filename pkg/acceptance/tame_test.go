package acceptance

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdTame demands that a text has nothing of what hostile servers send to
// terminals: the title of a window, a bell, other directions of writing. What
// puppet-code itself writes there are colours and moves.
//
//	tame FILE
func cmdTame(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if strings.Contains(text, "\x1b]") || strings.ContainsAny(text, "\a\u202e\u009b") || !utf8.ValidString(text) {
		ts.Fatalf("not fit for a terminal: %q", text)
	}
}

// cmdValidJSON demands that standard output is one JSON value.
func cmdValidJSON(ts *testscript.TestScript, _ bool, _ []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &value))
}
