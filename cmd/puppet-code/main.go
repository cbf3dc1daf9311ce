// Command puppet-code deploys Puppet code with Code Manager.
package main

import (
	"context"
	"os"
	"runtime"

	"github.com/puppet-code/puppet-code/pkg/cli"
)

// version is set by the linker in a release.
var version = "devel"

func main() {
	ctx, stop := cli.WithSignals(context.Background())
	status := cli.Main(ctx, os.Args[1:], cli.NewSystem(version, runtime.GOOS))
	stop()
	os.Exit(status)
}
