//go:build unix

package acceptance

import (
	"context"
	"os"

	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
)

// testPrograms are the programs that this test program can run as.
func testPrograms() map[string]func() {
	return map[string]func(){
		"puppet-code": puppetCode,
		"measure":     measureProgram,
		"code-manager-sandbox": func() {
			streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
			os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, "test"))
		},
	}
}
