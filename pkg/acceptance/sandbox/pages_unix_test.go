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

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// TestCommandsOfPages runs the commands of both pages in their order, as one script for each page, in
// a control repository. The lines for PowerShell and what is no command are left out.
func TestCommandsOfPages(t *testing.T) {
	for _, program := range []string{"sh", "git", "curl", "r10k"} {
		testneeds.Program(t, program)
	}
	noCommand := regexp.MustCompile(`^(PS> |ERROR|POST )`)
	namedScript := regexp.MustCompile(`^#!/bin/sh\n# ([\w-]+\.sh)`)
	for _, page := range []string{"sandbox.md", "reference/sandbox-reference.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(harness.Root("docs", page))
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
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			home, repo := t.TempDir(), controlRepo(t)
			for _, b := range harness.BlocksOf(t, page) {
				if name := namedScript.FindStringSubmatch(b.Text); name != nil {
					testneeds.Executable(t, filepath.Join(repo, name[1]), b.Text)
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
