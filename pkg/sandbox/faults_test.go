package sandbox

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// soon is long enough for an answer, and short.
const soon = 500 * time.Millisecond

func TestCompilerDown(t *testing.T) {
	h := start(t, Options{CompilersDown: []string{"compiler2.sandbox.localdomain"}, syncTimeout: soon, NoIDs: true})
	d := h.deploy(`{"environments": ["production"], "wait": true}`)["production"]
	if d.Status != failed || d.Error.Msg != "Timed out waiting for all compilers to sync environment 'production'. Not synced: compiler2.sandbox.localdomain." {
		t.Errorf("%+v", d)
	}
	status := h.deploysStatus()
	if failed := status.Deploys.Failed; len(failed) != 1 || failed[0].Error.Msg != d.Error.Msg || failed[0].ID != nil || len(status.Storage.Deployed) != 1 {
		t.Errorf("%+v", status)
	}
	clients := status.Clients
	if clients.AllSynced || clients.Clients["compiler2.sandbox.localdomain"].LastCheckIn != nil || !clients.Clients["compiler1.sandbox.localdomain"].Synced {
		t.Errorf("%+v", clients)
	}
}

// TestDelaysBeforeAndAfterTheFetch pushes a commit during the pause of a deployment. Before the fetch it is part of the
// deployment, after the fetch it is not.
func TestDelaysBeforeAndAfterTheFetch(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]Options{
		"deploy": {DeployDelay: 20 * soon}, "fetch": {FetchDelay: 20 * soon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := gittest.New(t)
			options.ControlRepo = repo.Path
			old := repo.Commit(t, "production", gittest.Files{"a": "1"})
			h := start(t, options)
			h.deploy(`{"environments": ["production"]}`)
			// The pause after the fetch begins when the staged folder is filled.
			eventually(t, "the pause began", func() bool {
				return strings.Contains(h.log.String(), "msg=deploying") && (name == "deploy" || h.staged("production", "a"))
			})
			want := repo.Commit(t, "production", gittest.Files{"a": "2"})
			if name == "fetch" {
				want = old
			}
			eventually(t, "it is live", func() bool { return len(h.deploysStatus().Storage.Deployed) == 1 })
			if got := h.deploysStatus().Storage.Deployed[0].DeploySignature; got != want {
				t.Errorf("deployed %s, want %s of %s and another", got, want, old)
			}
		})
	}
}

// staged reports whether a file is in an environment that is not live yet.
func (h *harness) staged(environment, file string) bool {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.environments(), "."+environment+".sandbox-new-*", file))
	if err != nil {
		h.t.Fatal(err)
	}
	return len(found) > 0
}
