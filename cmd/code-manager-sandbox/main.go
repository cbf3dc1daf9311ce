//go:debug x509negativeserial=1

// Command code-manager-sandbox is a local Code Manager to trying and testing.
package main

import (
	"context"
	"os"

	"github.com/puppet-code/puppet-code/pkg/sandbox/sandboxcmd"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// These are set by the linker in a release.
var (
	release       = version.Devel
	releaseCommit = ""
	releaseDate   = ""
)

func main() {
	streams := sandboxcmd.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	os.Exit(sandboxcmd.Main(context.Background(), os.Args[1:], streams, version.Of(release, releaseCommit, releaseDate).String()))
}
