//go:debug x509negativeserial=1

package acceptance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

func TestMain(m *testing.M) { harness.Main(m) }

// The scripts run the real program, against a Code Manager that really deploys (sandbox), or a
// server with canned answers (serve). Each has the name TestScripts/COMMAND/BEHAVIOUR.
func TestScripts(t *testing.T) {
	t.Parallel()
	commands, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		t.Run(command.Name(), func(t *testing.T) {
			t.Parallel()
			scripts, err := filepath.Glob(filepath.Join("testdata", command.Name(), "*.txtar"))
			if err != nil || len(scripts) == 0 {
				t.Fatal("no scripts", err)
			}
			harness.RunScripts(t, scripts, sandbox.Options{})
		})
	}
}
