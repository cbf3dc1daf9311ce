// Command puppet-code deploys Puppet code with Code Manager.
package main

import (
	"context"
	"os"
	"runtime"

	"github.com/puppet-code/puppet-code/pkg/cli"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// These are set by the linker in a release.
var (
	release       = version.Devel
	releaseCommit = ""
	releaseDate   = ""
)

func main() {
	ctx := cli.WithSignals(context.Background())
	build := version.Of(release, releaseCommit, releaseDate)
	os.Exit(cli.Main(ctx, os.Args[1:], cli.NewSystem(build, runtime.GOOS)))
}
