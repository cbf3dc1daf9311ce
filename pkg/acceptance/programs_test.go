package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/cli"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// puppetCode is the main function of cmd/puppet-code, for the copy of this test
// program that the tests run as puppet-code.
func puppetCode() {
	time.Local = time.UTC // the tests must not depend on the time zone of the machine
	os.Exit(cli.Run(version.Of(version.Devel, "", ""), runtime.GOOS))
}

// programs is a folder with both programs as a release has them, which all tests share.
func programs(t *testing.T) string {
	t.Helper()
	dir, err := buildPrograms()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var buildPrograms = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "puppet-code-programs-")
	if err != nil {
		return "", err
	}
	builtPrograms = dir
	if said, err := exec.Command("go", "build", "-o", dir, "../../cmd/...").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return dir, nil
})

// builtPrograms is their folder, if there is one.
var builtPrograms string

func deletePrograms() { _ = os.RemoveAll(builtPrograms) }
