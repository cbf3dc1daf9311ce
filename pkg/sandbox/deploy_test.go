package sandbox

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// environments is the directory of the live environments.
func (h *harness) environments() string { return filepath.Join(h.Codedir(), "environments") }

// synced are the environments of the clients of file sync, by name. It fails if two clients differ.
func (h *harness) synced() []string {
	h.t.Helper()
	var found []string
	for name, client := range h.deploysStatus().Clients.Clients {
		var theirs []string
		for _, e := range client.Deployed {
			theirs = append(theirs, e.Environment)
		}
		if found != nil && !slices.Equal(found, theirs) {
			h.t.Errorf("%s has %v, another one %v", name, theirs, found)
		}
		found = theirs
	}
	return found
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".sandbox-old") { // goes with the next deployment
			found = append(found, entry.Name())
		}
	}
	return found
}

func TestSampleDeploysEverywhere(t *testing.T) {
	h := start(t, Options{})
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	for environment, branch := range map[string]string{
		"production": "production", "testing": "testing", "development": "development", "feature_with_slash": "feature/with-slash",
	} {
		d := deployed[environment]
		if d.Status != complete || len(d.DeploySignature) != 40 || d.ID == nil || d.FileSync == nil ||
			len(d.FileSync.EnvironmentCommit) != 40 || len(d.FileSync.CodeCommit) != 40 {
			t.Errorf("%s: %+v", environment, d)
		}
		want := gittest.Archive(t, h.ControlRepo(), branch)
		if got := gittest.Tree(t, filepath.Join(h.environments(), environment)); !maps.Equal(got, want) {
			t.Errorf("%s is not what git archive makes", environment)
		}
	}
	if len(deployed) != 4 {
		t.Errorf("deployed %v", slices.Sorted(maps.Keys(deployed)))
	}
	status := h.deploysStatus()
	if !status.Clients.AllSynced || len(status.Storage.Deployed) != 4 || len(status.Clients.Clients) != DefaultCompilers+1 {
		t.Errorf("status %+v", status)
	}
	// In real answers the date of a compiler repeats that of the primary.
	for name, client := range status.Clients.Clients {
		for i, e := range client.Deployed {
			if e.Environment != status.Storage.Deployed[i].Environment || e.Date != status.Storage.Deployed[i].Date {
				t.Errorf("%s has %+v, the primary %+v", name, e, status.Storage.Deployed[i])
			}
		}
	}
	if _, found := status.Clients.Clients["primary.sandbox.localdomain-orchestrator"]; !found {
		t.Errorf("no orchestrator among %v", status.Clients.Clients)
	}
}

// TestPurge: every deployment removes the environments whose branches are gone,
// as r10k does, from staging and from the compilers.
func TestPurge(t *testing.T) {
	repo := gittest.New(t)
	for _, branch := range []string{"keep", "one", "two", "three", "four"} {
		repo.Commit(t, branch, gittest.Files{"a": "a"})
	}
	h := start(t, Options{ControlRepo: repo.Path})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	check := func(want ...string) {
		t.Helper()
		if got := names(t, h.environments()); !slices.Equal(got, want) {
			t.Errorf("live are %v, want %v", got, want)
		}
		if got := h.synced(); !slices.Equal(got, want) {
			t.Errorf("compilers have %v, want %v", got, want)
		}
	}
	check("four", "keep", "one", "three", "two")
	repo.Delete(t, "one")
	d := h.deploy(`{"environments": ["one"], "wait": true}`)["one"]
	want := "Errors while deploying environment 'one' (exit code: 1):\n" +
		"ERROR\t -> Environment(s) 'one' cannot be found in any source and will not be deployed.\n"
	if d.Status != failed || d.Error == nil || d.Error.Kind != deploy.KindDeployFailure || d.Error.Msg != want {
		t.Errorf("deployment %+v", d)
	}
	check("four", "keep", "three", "two")
	repo.Delete(t, "two")
	if got := h.deploy(`{"deploy-all": true, "wait": true}`); len(got) != 3 {
		t.Errorf("deployed %v, want keep, three and four", got)
	}
	check("four", "keep", "three")
	repo.Delete(t, "three")
	h.deploy(`{"environments": ["keep"], "wait": true}`) // another environment
	check("four", "keep")
	repo.Delete(t, "four")
	h.deploy(`{"environments": ["no/such"], "wait": true}`) // no environment at all
	check("keep")
}

func TestHostileNamesNeverTouchTheFileSystem(t *testing.T) {
	dir := t.TempDir()
	h := start(t, Options{Dir: dir})
	h.deploy(`{"environments": ["production"], "wait": true}`)
	before := gittest.Tree(t, dir)
	hostile := []string{
		`../../etc`, `-rf`, `.git`, `.git/hooks`, ``, strings.Repeat("x", 10_000), `a\u0000b`, `..`, `.`, `production/`, `/etc`, `a\nb`, `$(id)`, `é`,
	}
	for _, d := range h.deploy(`{"environments": ["` + strings.Join(hostile, `","`) + `"], "wait": true}`) {
		if d.Error == nil || d.Status != failed {
			t.Errorf("%.30q is %s", d.Environment, d.Status)
		} else if !strings.Contains(d.Error.Msg, "cannot be found in any source") {
			t.Errorf("%.30q: %s, %.200q", d.Environment, d.Status, d.Error.Msg)
		}
	}
	if after := gittest.Tree(t, dir); !maps.Equal(before, after) {
		t.Error("the folder of the sandbox has changed")
	}
}

// TestNameOfABranch: r10k corrects the name in a request, and deploys.
func TestNameOfABranch(t *testing.T) {
	h := start(t, Options{})
	deployed := h.deploy(`{"environments": ["feature/with-slash", "no-such"], "wait": true}`)
	if d := deployed["feature/with-slash"]; d.Status != complete || d.DeploySignature == "" {
		t.Errorf("%+v", d)
	}
	d := deployed["no-such"]
	if d.Status != failed || !strings.Contains(d.Error.Msg, "Environment(s) 'no_such' cannot be found") || string(d.Error.Details) != `{"corrected-name":"no_such"}` {
		t.Errorf("%+v", d)
	}
	if got := names(t, h.environments()); !slices.Equal(got, []string{"feature_with_slash"}) || !slices.Equal(got, h.synced()) {
		t.Errorf("live are %v, synced %v", got, h.synced())
	}
}
