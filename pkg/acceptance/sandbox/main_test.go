// Package sandbox tests the program code-manager-sandbox as its users run it. Its scripts are in
// ../testdata/code-manager-sandbox.
package sandbox

import (
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
