package harness

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Needs is the condition [needs:PROGRAM]: is the program on this machine? In
// CI it must be.
func Needs(program string) (bool, error) {
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") == "true" {
		return false, fmt.Errorf("CI must have %s: %w", program, err)
	}
	return err == nil, nil
}

// cmdInstalled makes the configuration of the environment that of the user, as
// an installation leaves it: the file puppet-code.conf, and the token where
// `puppet access login` puts it.
func cmdInstalled(ts *testscript.TestScript, _ bool, _ []string) {
	home := filepath.Join(ts.Getenv("HOME"), ".puppetlabs")
	ts.Check(os.MkdirAll(filepath.Join(home, "client-tools"), 0o700))
	conf := fmt.Sprintf("{\n  \"service-url\": %q,\n  \"cacert\": %q\n}\n",
		ts.Getenv("PUPPET_CODE_SERVICE_URL"), ts.Getenv("PUPPET_CODE_CACERT"))
	ts.Check(os.WriteFile(filepath.Join(home, "client-tools", "puppet-code.conf"), []byte(conf), 0o600))
	token := ts.ReadFile(ts.Getenv("PUPPET_CODE_TOKEN_FILE"))
	ts.Check(os.WriteFile(filepath.Join(home, "token"), []byte(token), 0o600))
	for _, name := range []string{"SERVICE_URL", "CACERT", "TOKEN_FILE"} {
		ts.Setenv(name, ts.Getenv("PUPPET_CODE_"+name))
		ts.Setenv("PUPPET_CODE_"+name, "")
	}
}

// cmdMerged is cmdComplete for merged streams: everything from the first [ on must be the result.
func cmdMerged(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stdout")
	begin := strings.Index(text, "[")
	if begin < 0 {
		ts.Fatalf("no [")
	}
	demandComplete(ts, text[begin:], args)
}

// progress matches a line about a long wait.
var progress = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*\n`)

// took matches the duration of a wait, and what changed.
var took = regexp.MustCompile(`(failed after|environments? in) \d\S*s(?:: [0-9a-z, ]+)?([.:])`)

// timeless replaces durations of waits with N s.
func timeless(text string) string { return took.ReplaceAllString(text, "$1 N s$2") }

// cmdSaid checks that standard error is a file, but for lines about a wait
// that lasts: a busy machine has some. How long one lasted is N s.
//
//	said FILE
func cmdSaid(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := timeless(progress.ReplaceAllString(ts.ReadFile("stderr"), "")), ts.ReadFile(args[0]); got != want {
		ts.Fatalf("standard error:\n%s\nwant:\n%s", got, want)
	}
}

// portOf is the port of a service URL.
func portOf(ts *testscript.TestScript, address string) string {
	parsed, err := url.Parse(address)
	ts.Check(err)
	return parsed.Port()
}
