package cli

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

func TestHelpNeedsNothing(t *testing.T) {
	for _, line := range []string{
		"", "--help", "-h", "help", "help deploy", "deploy --help", "dry-run -h", "status --help",
		"print-config --help", "--config-file /none --help", "deploy -c /none -h", "--version", "deploy -V",
	} {
		sys, out, stderr := testSystem()
		sys.LookupEnv = func(name string) (string, bool) { t.Errorf("%s: %s is read", line, name); return "", false }
		if status := Main(t.Context(), strings.Fields(line), sys); status != 0 || stderr.Len() > 0 {
			t.Errorf("%s: %d %s", line, status, stderr)
		}
		if out.Len() == 0 {
			t.Errorf("%s: says nothing", line)
		}
	}
}

func TestHelpFitsTheScreen(t *testing.T) {
	for _, line := range []string{"", "deploy", "dry-run", "status", "print-config"} {
		sys, out, _ := testSystem()
		Main(t.Context(), append(strings.Fields(line), "--help"), sys)
		for text := range strings.Lines(out.String()) {
			if len(text) > 81 {
				t.Errorf("%s --help: %d columns: %s", line, len(text), text)
			}
		}
		if !strings.Contains(out.String(), "Examples:\n  puppet-code ") {
			t.Errorf("%s --help has no examples", line)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"deplyo":                  "unknown command \"deplyo\"",
		"deploy":                  "Run 'puppet-code deploy --help' for usage.",
		"--log-level loud status": "must be one of none, trace, debug, info, warn, error, fatal",
		"status production":       "unexpected argument \"production\"",
		"status --level debug":    "must be one of info",
		"print-config x":          "unexpected argument",
		"dry-run x":               "unexpected argument",
		"print-config -F table":   "must be one of json",
		"--token-file":            "flag needs an argument",
	} {
		sys, out, stderr := testSystem()
		if status := Main(t.Context(), strings.Fields(line), sys); status != ExitUsage {
			t.Errorf("%s: status %d", line, status)
		}
		if !strings.HasPrefix(stderr.String(), "Error: ") || !strings.Contains(stderr.String(), want) || out.Len() > 0 {
			t.Errorf("%s: lacks %q:\n%s%s", line, want, stderr, out)
		}
	}
}

func TestUnknownActionsSuggest(t *testing.T) {
	sys, _, stderr := testSystem()
	Main(t.Context(), []string{"deplyo"}, sys)
	if !strings.Contains(stderr.String(), "Did you mean this?\n\tdeploy\n") {
		t.Errorf("said:\n%s", stderr)
	}
}

// Every error about a connection tells apart what was sent from what was not.
func TestHintsAboutSentDeployments(t *testing.T) {
	for name, test := range map[string]struct {
		err  *codemanager.ConnectionError
		want string
	}{
		"sent":             {&codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: errors.New("EOF")}, "may go on"},
		"not sent":         {&codemanager.ConnectionError{Method: http.MethodPost, Err: errors.New("EOF")}, "check the service URL"},
		"a read":           {&codemanager.ConnectionError{Method: http.MethodGet, Sent: true, Err: errors.New("EOF")}, ""},
		"a signal, sent":   {&codemanager.ConnectionError{Method: http.MethodPost, Sent: true, Err: &SignalError{}}, "may go on"},
		"a signal, before": {&codemanager.ConnectionError{Method: http.MethodPost, Err: &SignalError{}}, ""},
	} {
		got := strings.Join(hints(test.err), "\n")
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestLogLinesHaveNoBrackets(t *testing.T) {
	sys, _, stderr := testSystem()
	newLogger(sys.Err, logLevel("trace")).Warn("at [::1]", "list", []string{"a"}, "bytes", "\x1b[31m")
	if strings.ContainsAny(stderr.String(), "[]\x1b") || !strings.Contains(stderr.String(), "at (::1)") {
		t.Errorf("logged: %s", stderr)
	}
}

func TestColoursFollowTheStream(t *testing.T) {
	sys, _, _ := testSystem()
	if sys.style(Stream{}).Color || !sys.style(Stream{Terminal: true}).Color {
		t.Error("colours do not follow the terminal")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		sys.LookupEnv = func(n string) (string, bool) {
			if n == name {
				return value, true
			}
			return "", false
		}
		if sys.style(Stream{Terminal: true}).Color {
			t.Errorf("colours in spite of %s=%s", name, value)
		}
	}
}
