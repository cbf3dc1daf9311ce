//go:build !windows

package pages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// The program of the page is built as a module of its own, which imports this one, and tells the
// outcomes apart.
func TestProgramOfTheGoPage(t *testing.T) {
	t.Parallel()
	testneeds.Program(t, "go")
	w := harness.NewWorkshop(t)
	program := build(t, harness.BlocksOf(t, "go.md")[0].Text)
	w.Push(harness.Failing)
	for _, test := range []struct {
		arguments, want string
		status          int
		env             []string
	}{
		{"production testing", "(?m)^production is live at [0-9a-f]{40}$", 0, nil},
		{"production " + harness.Failing, "(?m)^" + harness.Failing + " failed: .", 3, nil},
		{"production", "^$", 2, []string{"PUPPET_CODE_TOKEN_FILE=none"}},
		{"production", "^$", 4, []string{"PUPPET_CODE_TOKEN_FILE=" + file(t, "wrong")}},
		{"production", "^$", 5, []string{"PUPPET_CODE_SERVICE_URL=https://127.0.0.1:1/code-manager"}},
	} {
		if out := w.Must(test.status, program+" "+test.arguments, test.env...); !regexp.MustCompile(test.want).MatchString(out) {
			t.Errorf("%s prints %q, want %s", test.arguments, out, test.want)
		}
	}
}

// build makes a program of a main package outside of this repository. It requires what this module
// requires, so that nothing is downloaded.
func build(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs(harness.Root())
	if err != nil {
		t.Fatal(err)
	}
	mod := read(t, harness.Root("go.mod"))
	name := regexp.MustCompile(`(?m)^module (.*)$`).FindStringSubmatch(mod)[1]
	mod = strings.Replace(mod, "module "+name, "module example.com/deploy", 1) +
		"\nrequire " + name + " v0.0.0\nreplace " + name + " => " + root + "\n"
	for path, text := range map[string]string{"main.go": source, "go.mod": mod, "go.sum": read(t, harness.Root("go.sum"))} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "deploy")
	command := exec.Command("go", "build", "-mod=mod", "-o", program, ".")
	command.Dir = dir
	command.Env = append(os.Environ(), "GOPROXY=off")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	return program
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// file is a new file with this text.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
