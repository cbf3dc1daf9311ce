// Command code-manager-sandbox is a local Code Manager to try and to test with.
package main

import (
	"context"
	"os"

	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
)

// version is set by the linker in a release.
var version = "devel"

func main() {
	streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, version))
}
