//go:build unix

package terminal

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// shell is an interactive shell.
type shell struct {
	name string
	args []string
	// setup are the first lines typed; DIR stands for the completions.
	setup string
}

const bashCompletion = "/usr/share/bash-completion/bash_completion"

var shells = []shell{
	{"bash", []string{"--noprofile", "--norc", "-i"}, ". " + bashCompletion + "; . DIR/puppet-code.bash\n"},
	{"zsh", []string{"-f", "-i"}, "fpath=(DIR $fpath); autoload -Uz compinit; compinit -u -D; bindkey -e\n"},
	{"fish", []string{"--no-config", "-i"}, "source DIR/puppet-code.fish\n"},
}

// typed are the typed text, with TABs, and the resulting command line.
var typed = []struct{ keys, want string }{
	{"puppet-code de\tpro\t", "puppet-code deploy production"},
	{"puppet-code deploy --wa\t--form\tt\t", "puppet-code deploy --wait --format table"},
	{"puppet-code status dep\tprod\t--wat\t", "puppet-code status deploys production --watch"},
	{"puppet-code --log-level de\tprint-c\t", "puppet-code --log-level debug print-config"},
	{"puppet-code deploy -t ./tok\tpro\t", "puppet-code deploy -t ./token.txt production"},
}

// Completion works in the real shells, with the environments of a Code Manager.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	environment := append(os.Environ(), "TERM=xterm", "PS1=$ ", "INPUTRC=/dev/null", "NO_COLOR=1",
		"PUPPET_CODE_SERVICE_URL="+server.URL(), "PUPPET_CODE_CACERT="+server.CACertFile(),
		"PUPPET_CODE_TOKEN_FILE="+server.TokenFile(), "PUPPET_CODE_TOKEN=")
	deploy := exec.Command("puppet-code", "deploy", "--all", "--wait")
	deploy.Env = environment
	if said, err := deploy.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	token, err := os.ReadFile(server.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, sh := range shells {
		t.Run(sh.name, func(t *testing.T) {
			testneeds.Program(t, sh.name)
			if sh.name == "bash" {
				testneeds.File(t, bashCompletion)
			}
			home := t.TempDir()
			if err := os.WriteFile(filepath.Join(home, "token.txt"), token, 0o600); err != nil {
				t.Fatal(err)
			}
			screen := typeInto(t, sh, home, append(environment, "HOME="+home, "TMPDIR="+home, "XDG_CACHE_HOME="+home+"/cache", "XDG_RUNTIME_DIR="+home))
			for _, name := range []string{"development", "feature_with_slash", "production", "testing"} {
				if !strings.Contains(screen, name) {
					t.Errorf("the list of environments lacks %s", name)
				}
			}
			if form := harness.Leaked(screen, strings.TrimSpace(string(token))); form != "" {
				t.Errorf("the token is on the screen, %s", form)
			}
			if t.Failed() {
				t.Logf("screen:\n%s", screen)
			}
		})
	}
}

// In the root of a system where the package is installed, bash completes as it
// comes, also the environments of a sandbox that runs there.
func TestCompletionInstalled(t *testing.T) {
	root := os.Getenv("PUPPET_CODE_ROOT")
	if root == "" {
		t.Skip("PUPPET_CODE_ROOT names no root with the package installed")
	}
	sh := shell{"chroot", []string{
		root, "code-manager-sandbox", "--", "sh", "-c",
		"puppet-code deploy --all --wait >/dev/null 2>&1; exec bash --noprofile --norc -i",
	}, "cd; cp $PUPPET_CODE_TOKEN_FILE token.txt; . /usr/share/bash-completion/bash_completion\n"}
	screen := typeInto(t, sh, "/", []string{
		"PATH=/usr/bin:/bin", "HOME=/root", "TERM=xterm", "PS1=$ ", "INPUTRC=/dev/null", "NO_COLOR=1", "LANG=C.UTF-8",
	})
	if !strings.Contains(screen, "RESULT puppet-code deploy production\n") {
		t.Errorf("screen:\n%s", screen)
	}
}

var escapes = regexp.MustCompile(`\x1b(\[[0-9;?<>=]*[A-Za-z~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>])|\r`)

// typeInto types all lines, each turned into an argument of echo by going to
// its beginning at its end, and returns what was on the screen.
func typeInto(t *testing.T, sh shell, home string, environment []string) string {
	t.Helper()
	dir, err := filepath.Abs(harness.Root("completions"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(sh.name, sh.args...)
	command.Dir, command.Env = home, environment
	p := sitDownAt(t, command, 150)
	deadline, after := time.After(5*time.Minute), 0
	// await returns the first group of the pattern in what is on the screen since the last await.
	await := func(pattern string) string {
		t.Helper()
		for {
			text := escapes.ReplaceAllString(p.screen.String(), "")
			if found := regexp.MustCompile(pattern).FindStringSubmatchIndex(text[after:]); found != nil {
				line := text[after+found[2] : after+found[3]]
				after += found[1]
				return line
			}
			select {
			case piece, ok := <-p.read:
				if !ok {
					t.Fatalf("%s ended; screen:\n%s", sh.name, &p.screen)
				}
				p.screen.Write(piece)
				answerQueries(p, string(piece))
			case <-deadline:
				t.Fatalf("no %q; screen:\n%q", pattern, p.screen.String())
			}
		}
	}
	p.types(strings.ReplaceAll(sh.setup, "DIR", dir) + "echo REA''DY\n")
	await("\n(READY)\n")
	for _, line := range typed {
		// On a busy machine a completion may give up: it does not keep a person waiting.
		for attempt := 1; ; attempt++ {
			p.types(line.keys + "\x01echo RESULT \n")
			got := await("\nRESULT ([^\n]*)\n")
			if got == line.want {
				break
			}
			if attempt == 10 {
				t.Errorf("%q becomes %q, not %q", line.keys, got, line.want)
				break
			}
		}
	}
	for range 10 {
		p.types("puppet-code deploy \t\t\x01echo LISTED \n")
		from := after
		await("\n(LISTED) [^\n]*\n")
		if strings.Contains(escapes.ReplaceAllString(p.screen.String(), "")[from:after], "testing") {
			break
		}
	}
	return escapes.ReplaceAllString(p.screen.String(), "")
}

// answerQueries answers fish's queries about the terminal.
func answerQueries(p *typist, piece string) {
	if strings.Contains(piece, "\x1b[0c") || strings.Contains(piece, "\x1b[c") {
		p.types("\x1b[?62;c")
	}
	if strings.Contains(piece, "\x1b[6n") {
		p.types("\x1b[1;1R")
	}
}
