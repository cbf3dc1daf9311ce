//go:build unix

package terminal

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// typist is a person at a terminal in front of a program.
type typist struct {
	t        *testing.T
	terminal *os.File
	command  *exec.Cmd
	read     chan []byte
	screen   bytes.Buffer
}

// sitDown starts puppet-code on a terminal, with the settings of a sandbox.
func sitDown(t *testing.T, server *sandbox.Server, tokenFile string, args ...string) *typist {
	t.Helper()
	return sitDownWith(t, append(os.Environ(), "TERM=dumb", "HOME="+t.TempDir(), "PUPPET_CODE_SERVICE_URL="+server.URL(),
		"PUPPET_CODE_RBAC_URL="+server.RBACURL(), "PUPPET_CODE_CACERT="+server.CACertFile(), "PUPPET_CODE_TOKEN=",
		"PUPPET_CODE_TOKEN_FILE="+tokenFile), args...)
}

// sitDownWith starts puppet-code on a terminal, with this environment.
func sitDownWith(t *testing.T, env []string, args ...string) *typist {
	t.Helper()
	command := exec.Command("puppet-code", args...)
	command.Env = env
	return sitDownAt(t, command, 200)
}

// sitDownAt starts a program on a terminal of so many columns.
func sitDownAt(t *testing.T, command *exec.Cmd, columns uint16) *typist {
	t.Helper()
	p := &typist{t: t, command: command, read: make(chan []byte, 100)}
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 24, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	p.terminal = terminal
	t.Cleanup(func() { _ = command.Process.Kill(); _ = terminal.Close(); _ = command.Wait() })
	go func() {
		defer close(p.read)
		for {
			piece := make([]byte, 1000)
			n, err := terminal.Read(piece)
			if n > 0 {
				p.read <- piece[:n]
			}
			if err != nil {
				return // EIO when the program has ended
			}
		}
	}()
	return p
}

// sees waits until a text is on the screen.
func (p *typist) sees(text string) {
	p.t.Helper()
	deadline := time.After(time.Minute)
	for !strings.Contains(p.screen.String(), text) {
		select {
		case piece, ok := <-p.read:
			if !ok {
				p.t.Fatalf("ended before it said %q:\n%s", text, &p.screen)
			}
			p.screen.Write(piece)
		case <-deadline:
			p.t.Fatalf("it never said %q:\n%s", text, &p.screen)
		}
	}
}

func (p *typist) types(text string) {
	p.t.Helper()
	if _, err := p.terminal.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// ends checks the exit status, and that the secrets were never on the screen.
func (p *typist) ends(want int, secrets ...string) {
	p.t.Helper()
	for piece := range p.read {
		p.screen.Write(piece)
	}
	_ = p.command.Wait()
	if got := p.command.ProcessState.ExitCode(); got != want {
		p.t.Errorf("exit status %d, want %d:\n%s", got, want, &p.screen)
	}
	if form := harness.Leaked(p.screen.String(), secrets...); form != "" {
		p.t.Errorf("a secret is on the screen, %s", form)
	}
}

// The prompts of a login with a password are in TestFromNothingToADeployment.
func TestLoginOnATerminal(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	text, err := os.ReadFile(server.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	token, saved := strings.TrimSpace(string(text)), filepath.Join(t.TempDir(), "token")

	// A token of the console, pasted.
	p := sitDown(t, server, saved, "login", "--with-token")
	p.sees("Paste the token")
	p.types(token + "\r")
	p.sees("The token is for sandbox; ")
	p.ends(0, token)
	if got, err := os.ReadFile(saved); err != nil || string(got) != token {
		t.Errorf("another token is stored, or none: %v", err)
	}

	// An empty password is not sent.
	p = sitDown(t, server, saved, "login", sandbox.UserName)
	p.sees("Password (it is not shown):")
	p.types("\r")
	p.sees("Error: the password is empty")
	p.ends(2, token)
}

// Ctrl-Z does not stop a prompt for a secret: the shell, and after fg the terminal, would show the input.
func TestCtrlZAtAPromptForASecret(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "bash") // it knows jobs
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	command := exec.Command("bash", "--norc", "--noprofile", "-i")
	command.Env = append(os.Environ(), "TERM=dumb", "PS1=$ ", "HOME="+t.TempDir(), "HISTFILE=", "BASH_SILENCE_DEPRECATION_WARNING=1",
		"PUPPET_CODE_SERVICE_URL="+server.URL(), "PUPPET_CODE_RBAC_URL="+server.RBACURL(), "PUPPET_CODE_CACERT="+server.CACertFile(), "PUPPET_CODE_TOKEN=")
	const secret = "secret-of-nobody"
	p := sitDownAt(t, command, 200)
	p.types("puppet-code login " + sandbox.UserName + "\n")
	p.sees("Password (it is not shown):")
	p.types("\x1a" + secret + "\n")
	p.sees("Error: ")
	p.types("exit 0\n")
	p.ends(0, secret)
}
