//go:build unix

package sandbox

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// withFault matches a script of docs/sandbox.md that has a mistake, and the command that runs it.
var withFault = regexp.MustCompile(`^# (\w+\.sh), run as: (code-manager-sandbox .*)\n`)

// TestScriptsWithMistakesFailUnderFaults runs each script as on the page, and checks that its
// output shows the mistake. It ends a script that never ends.
func TestScriptsWithMistakesFailUnderFaults(t *testing.T) {
	scripts, commands := map[string]string{}, map[string]string{}
	for _, b := range harness.BlocksOf(t, "sandbox.md") {
		if first := withFault.FindStringSubmatch(b.Text); first != nil {
			scripts[first[1]], commands[first[1]] = b.Text, first[2]
		}
	}
	for name, want := range map[string]struct{ line, needs string }{
		"fails.sh":    {"Deployed.", "curl"},
		"proxy.sh":    {"parse error", "jq"},
		"denied.sh":   {"The token is fine.", "sh"},
		"compiler.sh": {"Live everywhere.", "jq"},
		"expires.sh":  {"The provided token has expired.", "sh"},
	} {
		t.Run(name, func(t *testing.T) {
			testneeds.Program(t, "sh")
			testneeds.Program(t, want.needs)
			script, found := scripts[name]
			if !found {
				t.Fatal("it is not in the page")
			}
			dir := t.TempDir()
			sooner := strings.NewReplacer("after 10s", "after 1s", "sleep 5", "sleep 0.1")
			if err := os.WriteFile(filepath.Join(dir, name), []byte(sooner.Replace(script)), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.Command("sh", "-c", "exec "+sooner.Replace(commands[name])+" 2>&1")
			command.Dir = dir
			command.Env = append(command.Environ(), "HOME="+dir, "TMPDIR="+dir)
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			killer := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
			defer killer.Stop()
			seen := false
			lines := bufio.NewScanner(out)
			for !seen && lines.Scan() {
				seen = strings.Contains(lines.Text(), want.line)
			}
			if !seen {
				t.Errorf("it never said %q", want.line)
			}
			_ = command.Process.Signal(syscall.SIGTERM) // where it goes on for ever
			_, _ = io.Copy(io.Discard, out)
			_ = command.Wait() // whatever its status is
		})
	}
}
