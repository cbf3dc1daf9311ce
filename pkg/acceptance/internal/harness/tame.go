package harness

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdTame checks that a text has no sequences that hostile servers send to terminals, such as
// window titles, bells and bidirectional overrides. puppet-code itself writes only colours and
// cursor movements.
//
//	tame FILE
func cmdTame(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if strings.Contains(text, "\x1b]") || strings.ContainsAny(text, "\a\u202e\u009b") || !utf8.ValidString(text) {
		ts.Fatalf("not fit for a terminal: %q", text)
	}
}

// cmdValidJSON checks that standard output is one JSON value.
func cmdValidJSON(ts *testscript.TestScript, _ bool, _ []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &value))
}
