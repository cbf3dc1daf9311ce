package cli

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// said is the printed text of an error, on a terminal of this width or in a log (0).
func said(err error, columns int) string {
	sys, _, stderr := testSystem()
	if columns > 0 {
		sys.Err.Terminal = true
		sys.Err.Size = func() (int, int) { return columns, 24 }
		sys.LookupEnv = func(name string) (string, bool) { return "1", name == "NO_COLOR" }
	}
	(&app{sys: sys}).printError(err)
	return stderr.String()
}

// The messages of r10k in details are lines for a person, and JSON for a script.
func TestDetailsOnATerminalAndInALog(t *testing.T) {
	err := &codemanager.APIError{
		Method: http.MethodPost, Endpoint: "/deploys", StatusCode: 500, Message: "Errors", Details: []byte(`"ERROR\t -> one\nOriginal \u001b[31m\n"`),
	}
	if got, want := said(err, 80), "Error: [POST /deploys][500] Errors\n  ERROR\t -> one\n  Original \\x1b[31m\nReason: one\n"; got != want {
		t.Errorf("on a terminal: %q", got)
	}
	if got, want := said(err, 0), "Error: [POST /deploys][500] Errors\n\"ERROR\\t -> one\\nOriginal \\u001b[31m\\n\"\nReason: one\n"; got != want {
		t.Errorf("in a log: %q", got)
	}
}

func TestReasonsNameNoSystemCalls(t *testing.T) {
	for cause, want := range map[error]string{
		io.EOF:           "the server or a proxy closed the connection",
		errnoReset:       "the connection was reset",
		errnoUnreachable: "there is no route to the host",

		tls.RecordHeaderError{Msg: "x"}: "the server does not speak TLS on that port",
	} {
		if got := reason(&codemanager.ConnectionError{Err: fmt.Errorf("read tcp 127.0.0.1:1: %w", cause)}); got != want {
			t.Errorf("%v: %q, want %q", cause, got, want)
		}
	}
}

func TestHintsOfDryRunsSpeakOfNoDeployment(t *testing.T) {
	broken := &codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: io.EOF}
	if got := adviceOf(broken); len(got) != 1 || !strings.Contains(got[0], "The deployment may be running") {
		t.Errorf("a deployment: %q", got)
	}
	if got := said(asDryRun(fromServer(broken)), 0); strings.Contains(got, "deployment") {
		t.Errorf("a dry run: %q", got)
	}
}
