package output_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// reasons are the expected reasons in messages that r10k 3.15.4 wrote for real failures.
var reasons = map[string]string{
	"command-fails":            "Error: no parameter named 'ensure'",
	"command-missing":          "No such file or directory - /not/a/program",
	"control-repo-unreachable": "fatal: repository '/not/there.git' does not exist",
	"disk-full":                "error: copy-fd: write returned: No space left on device",
	"exception-crash":          "r10k: Runtime error: #<Exception: all is lost>",
	"exception-file":           "No such file or directory @ rb_sysopen - /not/there.yaml",
	"exception-in-puppetfile":  "no role for this",
	"exception-original-trace": "undefined method `foo' for nil:NilClass",
	"exception-trace":          "it broke",
	"forge-unreachable": "Unable to connect to https://forgeapi.puppet.com (for request /v3/modules/puppetlabs-stdlib): " +
		"Failed to open TCP connection to forgeapi.puppet.com:443 (getaddrinfo: Name or service not known)",
	"long-word":  strings.Repeat("y", 299) + "…",
	"long-words": ("x" + strings.Repeat(" long words", 454))[:299] + "…",
	"missing-branch": "Environment(s) 'missing' cannot be found in any source and will not be deployed. " +
		"The branch may have been deleted, or never pushed.",
	"module-file-url":           "fatal: '/not/there.git' does not appear to be a git repository",
	"module-http-404":           "fatal: repository 'http://127.0.0.1:8931/x.git/' not found",
	"module-http-500":           "fatal: unable to access 'http://127.0.0.1:8931/e500/x.git/': The requested URL returned error: 500",
	"module-https":              "fatal: unable to access 'https://127.0.0.1:9/not/there.git/': Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server",
	"module-missing-ref":        "Unable to manage Puppetfile content 'nope': Could not resolve desired ref 'v9.9' and no default provided",
	"module-no-password":        "fatal: could not read Username for 'http://127.0.0.1:8931': terminal prompts disabled",
	"module-path":               "fatal: repository '/not/there.git' does not exist",
	"module-ssh-host-key":       "Host key verification failed.",
	"module-ssh-no-key":         "git@127.0.0.1: Permission denied (publickey).",
	"module-ssh-refused":        "ssh: connect to host 127.0.0.1 port 9: Connection refused",
	"module-unknown-host":       "fatal: unable to access 'https://git.example.invalid/not/there.git/': Could not resolve host: git.example.invalid",
	"module-wrong-password":     "fatal: Authentication failed for 'http://127.0.0.1:8931/auth/x.git/'",
	"syntax-error":              "Puppetfile:7: syntax error, unexpected =>, expecting end-of-input",
	"syntax-error-unterminated": "Puppetfile:2: unterminated string meets end of file",
	"two-modules":               "fatal: repository '/not/b.git' does not exist",
}

// failureFrom is a failure with a message of testdata.
func failureFrom(t *testing.T, name string) codemanager.Deployment {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "r10k", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return codemanager.Deployment{Environment: "production", Error: &codemanager.ErrorObject{Msg: string(text)}}
}

func TestReasonsOfR10k(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "r10k", "*.txt"))
	if err != nil || len(files) != len(reasons) {
		t.Errorf("%d messages, and %d reasons: %v", len(files), len(reasons), err)
	}
	for name, want := range reasons {
		if got := (output.Style{}).Reason(failureFrom(t, name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A line without information is never the reason.
func TestLinesWithoutInformationAreNoReason(t *testing.T) {
	for message, want := range map[string]string{
		"Exit code: 128": "k/failure",
		"Errors while deploying environment 'a' (exit code: 1):":                                   "k/failure",
		"Stderr:\n\nExit code: 1\n/opt/a.rb:3:in `x'\n  from /opt/b.rb:4:in `y'\n":                 "k/failure",
		"Command exited with non-zero exit code:\nCommand: a\nExit code: 1":                        "Command exited with non-zero exit code:",
		"ERROR\t -> Failed to evaluate /e/Puppetfile\nOriginal exception:\n":                       "Failed to evaluate /e/Puppetfile",
		"/opt/a.rb:3:in `x': undefined method `y' (NoMethodError)\n\tfrom /opt/b.rb:4:in `<main>'": "undefined method `y' (NoMethodError)",
		"fatal: Could not read from remote repository.\nExit code: 128":                            "fatal: Could not read from remote repository.",
	} {
		d := codemanager.Deployment{Error: &codemanager.ErrorObject{Kind: "k/failure", Msg: message}}
		if got := (output.Style{}).Reason(d); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

func TestMessage(t *testing.T) {
	want := []string{
		"Command: git clone --mirror /not/b.git CACHE/-not-b.git",
		"Command: git clone --mirror /not/a.git CACHE/-not-a.git",
		"fatal: repository '/not/a.git' does not exist",
	}
	d := failureFrom(t, "two-modules")
	style := output.Style{Redact: func(text string) string {
		words := strings.Split(text, " ")
		for i, word := range words {
			if dir, name, ok := strings.Cut(word, "/git/"); ok && dir != "" {
				words[i] = "CACHE/" + name
			}
		}
		return strings.Join(words, " ")
	}}
	if got := style.Message(d); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
	for _, name := range []string{"missing-branch", "long-word", "module-missing-ref"} {
		if got := style.Message(failureFrom(t, name)); got != nil {
			t.Errorf("%s: the reason says it all, and there is %q", name, got)
		}
	}
	for _, line := range (output.Style{}).Message(failureFrom(t, "module-ssh-refused")) {
		if strings.Contains(line, `\r`) { // as ssh ends its lines
			t.Errorf("shows %q", line)
		}
	}
	d.Error.Msg = ""
	for i := range 100 {
		d.Error.Msg += fmt.Sprintf("line %d\x1b[2J ", i) + strings.Repeat("long ", 1000) + "\n"
	}
	got := style.Message(d)
	if len(got) != 12 || got[11] != "…" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
	for _, line := range got {
		tame(t, line)
		if n := len([]rune(line)); n > 300 {
			t.Errorf("%d characters", n)
		}
	}
}

// A secret is removed from a text before it is cut or wrapped. Afterwards, parts of it would
// remain.
func TestSecretsAreRemovedBeforeCutting(t *testing.T) {
	secret := strings.Repeat("s3cret", 8)
	style := output.Style{Width: 40, Redact: func(text string) string { return strings.ReplaceAll(text, secret, "<redacted>") }}
	d := codemanager.Deployment{Environment: secret, Status: "failed", ID: "1", Error: &codemanager.ErrorObject{Msg: strings.Repeat("x", 280) + secret + "\nmore"}}
	var b strings.Builder
	if err := output.Deployments(&b, style, []codemanager.Deployment{d}, nil); err != nil {
		t.Fatal(err)
	}
	state := progress(follow.Environment{Name: d.Environment, Status: d.Status, Error: d.Error})
	for name, text := range map[string]string{
		"the table": b.String(), "the reason": style.Reason(d), "the message": strings.Join(style.Message(d), "\n"),
		"the frame": strings.Join(output.Frame(state, output.Style{Width: 20, Redact: style.Redact}, 24, 0, time.Time{}), "\n"),
	} {
		if strings.Contains(text, "s3c") {
			t.Errorf("%s has a part of it:\n%s", name, text)
		}
	}
}
