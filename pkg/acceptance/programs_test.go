package acceptance

import (
	"os"
	"runtime"
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
