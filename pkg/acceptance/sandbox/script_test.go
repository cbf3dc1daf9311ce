// Package sandbox tests the program code-manager-sandbox as its users run it.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/cli"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
	"github.com/puppet-code/puppet-code/pkg/version"
)

func TestMain(m *testing.M) {
	testneeds.WithoutProxies()
	testscript.Main(m, map[string]func(){
		"code-manager-sandbox": func() {
			streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
			os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, version.Devel))
		},
		"puppet-code": func() { os.Exit(cli.Run(version.Of(version.Devel, "", ""), runtime.GOOS)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/code-manager-sandbox",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Temporary folders of the sandbox must be gone at the end.
			temporary := filepath.Join(env.WorkDir, "tmp")
			for _, name := range []string{"TMPDIR", "TMP"} {
				env.Setenv(name, temporary)
			}
			_, err := os.Stat("is not there")
			env.Setenv("NO_SUCH_FILE", errors.Unwrap(err).Error())
			return os.MkdirAll(temporary, 0o755)
		},
		Condition: func(condition string) (bool, error) {
			if condition == "night" {
				return testneeds.Nightly(), nil
			}
			program, found := strings.CutPrefix(condition, "needs:")
			if !found {
				return false, fmt.Errorf("no condition %q", condition)
			}
			return harness.Needs(program)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfile": waitFile,
			"exits":    exits,
			"empty":    empty,
		},
	})
}

// waitFile waits until a file is there: waitfile FILE.
func waitFile(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.After(20 * time.Second)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			ts.Fatalf("%s never came", args[0])
		}
	}
}

// exits runs a command and checks this exit status: exits N COMMAND...
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = exitStatus(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// empty checks that nothing is in a directory: empty DIR.
func empty(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, entry := range entries {
		ts.Fatalf("%s holds %s", args[0], entry.Name())
	}
}

// exitStatus is the status of a command that failed.
func exitStatus(err error) string {
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) {
		return strconv.Itoa(exited.ExitCode())
	}
	return err.Error()
}
