//go:build !windows

package harness

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// live is a live view from its first line to the sequence that erases it.
var live = regexp.MustCompile(`(?s)\r*(?:Reading the state of|Waiting for) Code Manager.*\r\x1b\[K\n\x1b\[J\x1b\[1A\r`)

// cmdTerminal runs a program on a terminal, checks its exit status, and writes the output to a
// file, with its control characters. FILE.left has the output without the live view, which appears
// only on a slow machine, and with N s for durations:
//
//	terminal STATUS COLUMNS FILE PROGRAM ARGUMENT...
func cmdTerminal(ts *testscript.TestScript, _ bool, args []string) {
	columns, err := strconv.ParseUint(args[1], 10, 16)
	ts.Check(err)
	command := exec.Command(args[3], args[4:]...)
	command.Dir = ts.Getenv("WORK")
	command.Env = append(os.Environ(), "TERM=xterm-256color")
	if term := ts.Getenv("TERM"); term != "" {
		command.Env = append(command.Env, "TERM="+term)
	}
	for _, name := range []string{"HOME", "NO_COLOR", "PUPPET_CODE_SERVICE_URL", "PUPPET_CODE_CACERT", "PUPPET_CODE_TOKEN_FILE"} {
		command.Env = append(command.Env, name+"="+ts.Getenv(name))
	}
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 24, Cols: uint16(columns)})
	ts.Check(err)
	defer terminal.Close()
	var screen bytes.Buffer
	_, _ = io.Copy(&screen, terminal) // ends with EIO when the program has ended
	_ = command.Wait()
	text := strings.ReplaceAll(screen.String(), "\r\n", "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]+".left"), []byte(timeless(live.ReplaceAllString(text, ""))), 0o600))
	ts.Logf("screen:\n%s", text)
	demandNoSecret(ts, args, text)
	if got := strconv.Itoa(command.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}
