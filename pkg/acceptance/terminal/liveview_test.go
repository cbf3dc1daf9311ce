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

	"github.com/hinshun/vt10x"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// screen is a terminal of 80x24 on which a program runs.
type screen struct {
	*typist
	emulator vt10x.Terminal
}

// onScreen starts a program on a terminal.
func onScreen(t *testing.T, command *exec.Cmd) *screen {
	t.Helper()
	return &screen{sitDownAt(t, command, 80), vt10x.New(vt10x.WithSize(80, 24))}
}

// text is the text on the screen, without trailing spaces.
func (s *screen) text() string {
	var lines []string
	for line := range strings.Lines(s.emulator.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// await waits until the screen shows something.
func (s *screen) await(pattern string) {
	s.t.Helper()
	shown := regexp.MustCompile(pattern)
	deadline := time.After(time.Minute)
	for !shown.MatchString(s.text()) {
		select {
		case piece, ok := <-s.read:
			if !ok {
				s.t.Fatalf("ended before the screen showed %s:\n%s", pattern, s.text())
			}
			_, _ = s.emulator.Write(piece)
		case <-deadline:
			s.t.Fatalf("the screen never shows %s:\n%s", pattern, s.text())
		}
	}
}

// atTheEnd waits for the end, and returns the text on the screen.
func (s *screen) atTheEnd() string {
	for piece := range s.read {
		_, _ = s.emulator.Write(piece)
	}
	return s.text()
}

// Retries are shown by whoever draws the live view: nothing of it is torn or left behind.
func TestRetriesOnATerminal(t *testing.T) {
	t.Parallel()
	address, release, err := harness.ClosedPort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	command := exec.Command("puppet-code", "deploy", "production", "--wait", "--retries", "2")
	command.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "HOME="+t.TempDir(), "PUPPET_CODE_TOKEN=0Vs1xO-test_token",
		"PUPPET_CODE_SERVICE_URL=https://"+address+"/code-manager", "PUPPET_CODE_CACERT=")
	s := onScreen(t, command)
	s.await(`(?m)^Waiting for Code Manager`)
	want := regexp.MustCompile(`^No answer yet: the connection was refused: nothing listens on that port\. Trying
  again in 0\.[456] s \(attempt 2 of 3\)\.
deploys/status does not answer: the connection was refused: nothing listens on
  that port\. Trying again\.
No answer yet: the connection was refused: nothing listens on that port\. Trying
  again in [01]\.\d s \(attempt 3 of 3\)\.
Error: no answer to POST https://` + regexp.QuoteMeta(address) + `/code-manager/v1/deploys: the
  connection was refused: nothing listens on that port
What to do: check the service URL, and that the primary can be reached from
  here\.
$`)
	if got := s.atTheEnd(); !want.MatchString(got) {
		t.Errorf("the screen shows:\n%s\nwant:\n%s", got, want)
	}
}

// After Ctrl-Z and fg, and after typed lines, the live view is drawn anew, and it goes at the end.
func TestCtrlZAndFgRedrawTheView(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "bash") // it knows jobs
	token := filepath.Join(t.TempDir(), "token")
	// It begins with the character that ends an escape sequence: no part of that is taken for the token's.
	if err := os.WriteFile(token, []byte(strings.Repeat("Kx", 22)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := sandbox.Start(t.Context(), sandbox.Options{DeployDelay: 8 * time.Second, TokenFile: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	command := exec.Command("bash", "--norc", "--noprofile", "-i")
	command.Env = append(os.Environ(), "TERM=xterm", "PS1=$ ", "NO_COLOR=1", "HOME="+t.TempDir(), "HISTFILE=", "BASH_SILENCE_DEPRECATION_WARNING=1",
		"PUPPET_CODE_SERVICE_URL="+server.URL(), "PUPPET_CODE_CACERT="+server.CACertFile(), "PUPPET_CODE_TOKEN_FILE="+server.TokenFile(), "PUPPET_CODE_TOKEN=")
	s := onScreen(t, command)
	s.types("bind 'set enable-bracketed-paste off'; clear; puppet-code deploy production --wait\n")
	s.await(`(?m)^  production  +deploying`)
	s.types("\x1a")
	s.await(`(?m)^\[1\]\+  Stopped +puppet-code`)
	s.types("fg\n")
	s.await(`(?m)^puppet-code deploy production --wait\nWaiting for Code Manager, \d.*, 0 of 1 done\n  production  +deploying`)
	s.types("typed\n")
	s.await(`(?m)^Deployed 1 environment in \d`)
	s.types("exit\n")
	if got := s.atTheEnd(); !regexp.MustCompile(`(?m)^(puppet-code deploy production --wait|typed)\n(typed.*\n)?Found 1 environments\.\nENVIRONMENT .*\nproduction .*\nDeployed 1 `).MatchString(got) {
		t.Errorf("at the end the screen shows:\n%s", got)
	}
}
