package acceptance

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// Scripts of pipelines have the same result with both engines, and if the connection is cut during
// the wait.
func runScriptsOfPipelines(t *testing.T, opts sandbox.Options) {
	t.Helper()
	if opts.Engine == sandbox.EngineR10K {
		testneeds.Program(t, "r10k")
	}
	t.Parallel()
	harness.RunScripts(t, []string{filepath.Join("testdata", "deploy", "pushed-commit.txtar")}, opts)
}

// cut is a connection that does not last for a whole wait.
const cut = time.Second

func TestScriptsOfPipelinesCut(t *testing.T) {
	runScriptsOfPipelines(t, sandbox.Options{DropWaitAfter: cut})
}

func TestScriptsOfPipelinesWithR10KCut(t *testing.T) {
	runScriptsOfPipelines(t, sandbox.Options{Engine: sandbox.EngineR10K, DropWaitAfter: cut})
}

func TestScriptsOfPipelinesWithR10K(t *testing.T) {
	testneeds.Night(t) // by day, r10k with a connection that is cut
	runScriptsOfPipelines(t, sandbox.Options{Engine: sandbox.EngineR10K})
}
