package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// crashes is a client with a bug.
type crashes struct{ follow.Deployer }

func (crashes) Deploy(context.Context, codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	panic("a bug")
}

// After a bug in the middle of a deployment nobody can tell what became of it. A dry run deploys
// nothing.
func TestCrashOfADeployment(t *testing.T) {
	for dryRun, status := range map[bool]int{false: ExitUnknown, true: ExitFailure} {
		a := testApp()
		a.flags.logLevel.value = "debug"
		o := &deployOptions{
			app: a, environments: []string{"production"}, dryRun: dryRun, format: newFormat(),
			client: func() (follow.Deployer, error) { return crashes{}, nil },
		}
		err := guard.Call(func() error { _, err := runDeploy(t.Context(), o); return err })
		crash, ok := errors.AsType[*guard.PanicError](err)
		if !ok {
			t.Fatalf("error %v", err)
		}
		err = a.crashed(crash)
		if got := exitStatus(err); got != status || !strings.Contains(string(crash.Stack), "crash_test.go") {
			t.Errorf("dry run %v: status %d, stack:\n%s", dryRun, got, crash.Stack)
		}
		const advice = "The deployment may still be running. To watch it: puppet-code status deploys production --watch\n"
		if got := said(err, 0); !strings.HasPrefix(got, "Error: internal error, please report it: a bug\n") || strings.Contains(got, advice) == dryRun {
			t.Errorf("dry run %v: said:\n%s", dryRun, got)
		}
	}
}
