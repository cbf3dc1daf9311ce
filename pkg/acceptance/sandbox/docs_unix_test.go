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

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// faultScripts are the scripts with mistakes in docs/sandbox.md, by name, each with the command
// that runs it.
func faultScripts(t *testing.T) map[string][2]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][2]string{}
	script := regexp.MustCompile("(?ms)^```sh\n(# (\\w+\\.sh), run as: (code-manager-sandbox [^\n]*)\n.*?)^```$")
	for _, match := range script.FindAllStringSubmatch(string(page), -1) {
		found[match[2]] = [2]string{match[1], match[3]}
	}
	return found
}

// TestScriptsWithMistakesFailUnderFaults runs each script as on the page, and checks that its
// output shows the mistake. It ends a script that never ends.
func TestScriptsWithMistakesFailUnderFaults(t *testing.T) {
	unignore(t)
	scripts := faultScripts(t)
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
			if err := os.WriteFile(filepath.Join(dir, name), []byte(sooner.Replace(script[0])), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.Command("sh", "-c", "exec "+sooner.Replace(script[1])+" 2>&1")
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
