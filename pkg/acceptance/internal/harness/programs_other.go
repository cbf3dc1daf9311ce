//go:build !unix

package harness

import (
	"context"
	"os"
	"runtime"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/cli"
	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// testPrograms are the programs that this test program can run as: here it may run without Go.
func testPrograms() map[string]func() {
	return map[string]func(){
		"code-manager-sandbox": func() {
			streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
			os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, version.Devel))
		},
		"puppet-code": func() { os.Exit(cli.Run(version.Of(version.Devel, "", ""), runtime.GOOS)) },
	}
}

func runWithPrograms(m *testing.M) int { return m.Run() }
