//go:debug x509negativeserial=1

// Command puppet-code deploys Puppet code with Code Manager.
package main

import (
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
	os.Exit(cli.Run(version.Of(release, releaseCommit, releaseDate), runtime.GOOS))
}
