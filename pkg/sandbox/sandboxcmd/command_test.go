package sandboxcmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// parse is what a command line becomes, without running anything.
func parse(t *testing.T, args ...string) (got runOptions, err error) {
	t.Helper()
	command := newCommand(Streams{}, "test", func(run runOptions) error {
		got = run
		return nil
	})
	command.SetArgs(args)
	err = command.ExecuteContext(t.Context())
	return got, err
}

// mustParse is parse where nothing may be wrong.
func mustParse(t *testing.T, args ...string) runOptions {
	t.Helper()
	got, err := parse(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFlags(t *testing.T) {
	failure := filepath.Join(t.TempDir(), "failure")
	if err := os.WriteFile(failure, []byte("ERROR\t -> no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := mustParse(
		t, "--control-repo", "r", "--engine", "e", "--head", "b", "--r10k-config", "f", "--codedir", "c", "--dir", "d", "--token-file", "t", "--listen", "l", "--rbac-listen", "m", "--workers", "5",
		"--compilers", "7", "--sync-interval", "1s", "--deploy-ttl", "2s", "--deploy-delay", "3s", "--drop-wait-after", "4s",
		"--no-ids", "--fetch-delay", "5s", "--fail", "a", "--fail", "b="+failure, "--status-code", "503:3", "--compiler-down", "h,i",
		"--expire-tokens-after", "6s", "--deny-deploy", "--shell", "powershell", "--log-level", "debug", "--", "run", "--workers", "--", "x",
	)
	want := sandbox.Options{
		ControlRepo: "r", Engine: "e", Head: "b", R10KConfig: "f", Codedir: "c", Dir: "d", TokenFile: "t", Listen: "l", RBACListen: "m", Workers: 5, Compilers: 7,
		SyncInterval: time.Second, DeployTTL: 2 * time.Second, DeployDelay: 3 * time.Second, DropWaitAfter: 4 * time.Second, NoIDs: true,
		FetchDelay: 5 * time.Second, Fail: map[string]string{"a": "", "b": "ERROR\t -> no\n"}, StatusCode: 503, StatusCodeRequests: 3,
		CompilersDown: []string{"h", "i"}, ExpireTokensAfter: 6 * time.Second, DenyDeploy: true,
	}
	if fmt.Sprint(got.sandbox) != fmt.Sprint(want) {
		t.Errorf("options %+v\nwant %+v", got.sandbox, want)
	}
	if !slices.Equal(got.command, []string{"run", "--workers", "--", "x"}) || got.logLevel != "debug" || got.shell != "powershell" {
		t.Errorf("command %q, log level %s", got.command, got.logLevel)
	}
}

func TestDefaults(t *testing.T) {
	serving, running := mustParse(t), mustParse(t, "--compilers", "0", "--", "true")
	if serving.logLevel != "info" || running.logLevel != "error" {
		t.Errorf("log levels %s and %s", serving.logLevel, running.logLevel)
	}
	if defaultShell("windows") != "powershell" || defaultShell("darwin") != "sh" {
		t.Error("the wrong shell for a system")
	}
	if serving.sandbox.Compilers != sandbox.DefaultCompilers || running.sandbox.Compilers != sandbox.NoCompilers {
		t.Errorf("compilers %d and %d", serving.sandbox.Compilers, running.sandbox.Compilers)
	}
}

func TestHelpFitsTheScreen(t *testing.T) {
	for _, option := range []string{"-h", "-V"} {
		var out, err bytes.Buffer
		if status := Main(t.Context(), []string{option}, Streams{Out: &out, Err: &err}, "1.2.3"); status != 0 || out.Len() == 0 || err.Len() > 0 {
			t.Errorf("%s: status %d, %q, %q", option, status, out.String(), err.String())
		}
		for line := range strings.Lines(out.String()) {
			if len(line) > 81 {
				t.Errorf("%s: %d columns: %s", option, len(line), line)
			}
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string][2]string{
		"":                  {"''", "''"},
		"plain":             {"'plain'", "'plain'"},
		"it's $HOME `x` \\": {`'it'\''s $HOME ` + "`x`" + ` \'`, "'it''s $HOME `x` \\'"},
		"a\nb":              {"'a\nb'", "'a\nb'"},
		"it’s":              {"'it’s'", "'it’’s'"},
	} {
		for i, name := range []string{"sh", "powershell"} {
			if got := shells()[name].quote(text); got != want[i] {
				t.Errorf("%s: %q is %s, want %s", name, text, got, want[i])
			}
		}
	}
}
