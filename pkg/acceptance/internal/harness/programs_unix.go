//go:build unix

package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	// The programs are built apart. Without their code in the test program, go test would take the
	// result of a run before a change.
	_ "github.com/puppet-code/puppet-code/pkg/cli"
	_ "github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
)

// testPrograms are the programs that this test program can run as: none, they are built.
func testPrograms() map[string]func() { return nil }

// builtPrograms has the programs that the tests run: in the folder tested with -race, if the tests
// are, and in the folder released as a release has them.
var builtPrograms string

// runWithPrograms runs the tests with the tested programs on the PATH.
func runWithPrograms(m *testing.M) int {
	dir, err := os.MkdirTemp("", "puppet-code-programs-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	builtPrograms = dir
	tested := filepath.Join(dir, "tested")
	info, _ := debug.ReadBuildInfo()
	if slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		err = build(tested, "-race")
	} else {
		err = build(tested)
	}
	if err == nil {
		err = os.Setenv("PATH", tested+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	if err != nil {
		panic(err)
	}
	return m.Run()
}

// Programs is the folder of both programs as a release has them.
func Programs(t *testing.T) string {
	t.Helper()
	dir, err := released()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var released = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(builtPrograms, "released")
	return dir, build(dir)
})

// build makes a folder with links to both programs in Go's build cache, where `go run` keeps what
// it has linked: the packages of tests share them.
func build(dir string, flags ...string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"puppet-code", "code-manager-sandbox"} {
		arguments := slices.Concat([]string{"run"}, flags, []string{"-exec", "echo", "github.com/puppet-code/puppet-code/cmd/" + name})
		// A program that is not in the cache yet is put there, and run from elsewhere.
		if said, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, said)
		}
		path, err := exec.Command("go", arguments...).Output()
		if err != nil {
			return err
		}
		if err := os.Symlink(strings.TrimSpace(string(path)), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
