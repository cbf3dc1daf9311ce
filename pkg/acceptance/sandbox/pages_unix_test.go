//go:build unix

package sandbox

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// TestCommandsOfPages runs the commands of both pages in their order, as one script for each page, in
// a control repository. The lines for PowerShell and what is no command are left out.
func TestCommandsOfPages(t *testing.T) {
	for _, program := range []string{"sh", "git", "curl", "r10k"} {
		testneeds.Program(t, program)
	}
	noCommand := regexp.MustCompile(`^(PS> |ERROR|POST )`)
	for _, page := range []string{"sandbox.md", "reference/sandbox-reference.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", page))
			if err != nil {
				t.Fatal(err)
			}
			script, commands := "set -ev\ntrap 'kill $started || true; wait' EXIT\n", 0
			for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
				if command, found := strings.CutPrefix(line, "    "); found && !insideFence(string(text), line) && !noCommand.MatchString(command) {
					// The fixed ports of an example may be in use.
					script += strings.NewReplacer("127.0.0.1:8170", "127.0.0.1:0", "127.0.0.1:4433", "127.0.0.1:0").Replace(command)
					if strings.HasSuffix(command, " &\n") {
						script += "started=\"$started $!\"\n"
					}
					commands++
				}
			}
			if commands < 10 {
				t.Fatalf("%d commands", commands)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			home, repo := t.TempDir(), controlRepo(t)
			for name, text := range scriptsOf(string(text)) {
				if err := os.WriteFile(filepath.Join(repo, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			command := exec.CommandContext(ctx, "sh", "-c", script)
			command.WaitDelay = 30 * time.Second
			command.Dir = repo
			command.Env = append(command.Environ(), "HOME="+home, "TMPDIR="+home, "CI_COMMIT_REF_NAME=feature/x")
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// insideFence reports whether a line is in a fenced block, which other tests run.
func insideFence(page, line string) bool {
	before, _, _ := strings.Cut(page, line)
	return strings.Count(before, "\n```")%2 == 1
}

// scriptsOf are the scripts of a page, by name.
func scriptsOf(page string) map[string]string {
	found := map[string]string{}
	for _, match := range regexp.MustCompile("(?ms)^```sh\n(#!/bin/sh\n# ([\\w-]+\\.sh).*?)^```$").FindAllStringSubmatch(page, -1) {
		found[match[2]] = match[1]
	}
	return found
}

// controlRepo is a repository with a commit, in a work tree.
func controlRepo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	script := `git init -q -b production . && mkdir manifests && echo '# site' > manifests/site.pp && git add . &&
git -c user.name=t -c user.email=t@localhost commit -q -m test`
	command := exec.Command("sh", "-c", script)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}
