package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// jumpingProgram builds puppet-code with a clock that is set by half an hour
// when it has run for three seconds, forward or back as JUMP says: so little
// that certificates stay valid. It is Go's own time.Now with a few lines more: a
// program cannot be given another clock from outside.
func jumpingProgram(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	original := filepath.Join(strings.TrimSpace(string(out)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	const elapsed = "\tmono -= startNano\n"
	before, after, found := strings.Cut(string(text), "\tsec, nsec, mono := runtimeNow()\n")
	now, rest, isNow := strings.Cut(after, elapsed)
	if !found || !isNow {
		t.Fatalf("time.Now of %s is another: this test must learn it", runtime.Version())
	}
	text = []byte(before + "\tsec, nsec, mono := runtimeNow()\n" + now +
		"\tif mono-startNano > 3e9 {\n\t\tsec += jump\n\t}\n" + elapsed + rest)
	replaced := map[string]string{
		original: filepath.Join(dir, "time.go"),
		filepath.Join(filepath.Dir(original), "jump.go"): filepath.Join(dir, "jump.go"),
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"time.go":      string(text),
		"overlay.json": string(overlay),
		"jump.go": `package time

import "syscall"

var jump = map[string]int64{"forward": 1800, "back": -1800}[func() string { text, _ := syscall.Getenv("JUMP"); return text }()]
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "puppet-code")
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	return program
}

// The clock of the machine that waits is set meanwhile: nothing ends too early
// or too late, whether the connection lasts, is cut, or the network is gone.
func TestOwnClockThatJumps(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds Go's library anew")
	}
	t.Parallel()
	program := jumpingProgram(t)
	for _, jump := range []string{"forward", "back"} {
		for kind, drop := range map[string]time.Duration{"held": 0, "cut": 2 * time.Second, "gone": 0} {
			t.Run(jump+", "+kind, func(t *testing.T) {
				t.Parallel()
				n := newNetwork(t, sandbox.Options{DeployDelay: 6 * time.Second, DropWaitAfter: drop})
				n.env = []string{"JUMP=" + jump}
				c := n.run(exec.Command(program, "deploy", "production", "nope", "--wait", "--timeout", "1m", "--log-level", "debug"))
				n.await(c, "production is deploying")
				if kind == "gone" {
					n.proxy.Stop()
					n.await(c, "Its status cannot be asked")
					<-time.After(4 * time.Second)
					if err := n.proxy.Start(); err != nil {
						t.Fatal(err)
					}
				}
				n.end(c, 3, "production complete", "nope failed")
				stamps := regexp.MustCompile(`time=(\S+)`).FindAllStringSubmatch(c.stderr.String(), -1)
				last, err := time.Parse(time.RFC3339, stamps[len(stamps)-1][1])
				if err != nil || time.Since(last).Abs() < 20*time.Minute {
					t.Errorf("its clock was not set, %v:\n%s", err, &c.stderr)
				}
			})
		}
	}
}
