//go:build unix

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
)

// testPrograms are the programs that this test program can run as.
func testPrograms() map[string]func() {
	return map[string]func(){"measure": measureProgram}
}

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

// programs is the folder of both programs as a release has them.
func programs(t *testing.T) string {
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

// build builds both programs into a new folder.
func build(dir string, flags ...string) error {
	command := exec.Command("go", slices.Concat([]string{"build"}, flags, []string{"-o", dir + string(filepath.Separator), "../../cmd/..."})...)
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}
