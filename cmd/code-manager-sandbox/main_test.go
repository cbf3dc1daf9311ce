package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"code-manager-sandbox": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Temporary folders of the sandbox must be gone at the end.
			temporary := filepath.Join(env.WorkDir, "tmp")
			env.Setenv("TMPDIR", temporary)
			return os.MkdirAll(temporary, 0o755)
		},
		Condition: func(name string) (bool, error) {
			return name == "ci" && os.Getenv("CI") == "true", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfile": waitFile,
			"status":   status,
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

// status runs a command and wants this exit status: status N COMMAND...
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = exitStatus(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// empty wants nothing in a directory: empty DIR.
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
