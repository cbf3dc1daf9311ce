package cli

import (
	"testing"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// The deletion of an environment that was never there succeeds, with a warning. The warning has similar
// names, in alphabetical order.
func TestDeletionOfWhatWasNotThere(t *testing.T) {
	status := &codemanager.DeploysStatus{}
	for _, name := range []string{"otfix", "hofix", "hotfi", "hotfx", "htfix"} {
		status.Storage.Deployed = append(status.Storage.Deployed, codemanager.DeployedEnvironment{Environment: name, DeploySignature: "1"})
	}
	for name, want := range map[string]string{
		"hotfix": "Warning: hotfix was not deployed before: there was nothing to delete. Did you mean hofix, hotfi, hotfx, htfix, otfix?\n",
		"other":  "Warning: other was not deployed before: there was nothing to delete.\n",
		"hofix":  "",
	} {
		sys, _, stderr := testSystem()
		(&app{sys: sys}).notThereBefore(follow.Read(status, nil), []string{name})
		if got := stderr.String(); got != want {
			t.Errorf("%s: said %q, want %q", name, got, want)
		}
	}
}
