package sandbox

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// environmentDirs are the live directories of the primary and of all compilers.
func (h *harness) environmentDirs() []string {
	dirs := []string{filepath.Join(h.Codedir(), "environments")}
	compilers, err := filepath.Glob(filepath.Join(h.Dir(), "compilers", "*", "environments"))
	if err != nil {
		h.t.Fatal(err)
	}
	return append(dirs, compilers...)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestSampleDeploysEverywhere(t *testing.T) {
	h := start(t, Options{})
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	dirs := h.environmentDirs()
	if len(dirs) != 1+DefaultCompilers {
		t.Fatalf("directories %v", dirs)
	}
	for environment, branch := range map[string]string{
		"production": "production", "testing": "testing", "development": "development", "feature_with_slash": "feature/with-slash",
	} {
		d := deployed[environment]
		if d.Status != codemanager.StatusComplete || len(d.DeploySignature) != 40 || d.ID == nil || d.FileSync == nil ||
			len(d.FileSync.EnvironmentCommit) != 40 || len(d.FileSync.CodeCommit) != 40 {
			t.Errorf("%s: %+v", environment, d)
		}
		want := gittest.Archive(t, h.ControlRepo(), branch)
		for _, dir := range dirs {
			if got := gittest.Tree(t, filepath.Join(dir, environment)); !maps.Equal(got, want) {
				t.Errorf("%s in %s is not what git archive makes", environment, dir)
			}
		}
	}
	if len(deployed) != 4 {
		t.Errorf("deployed %v", slices.Sorted(maps.Keys(deployed)))
	}
	status := h.deploysStatus()
	if !status.Clients.AllSynced || len(status.Storage.Deployed) != 4 || len(status.Clients.Clients) != DefaultCompilers {
		t.Errorf("status %+v", status)
	}
}

func TestDeployFollowsTheBranch(t *testing.T) {
	repo := gittest.New(t)
	h := start(t, Options{ControlRepo: repo.Path})
	for _, text := range []string{"1", "2"} {
		want := repo.Commit(t, "production", gittest.Files{"file" + text: text})
		got := h.deploy(`{"environments": ["production"], "wait": true}`)["production"]
		if got.DeploySignature != want {
			t.Errorf("signature %s, want %s", got.DeploySignature, want)
		}
		for _, dir := range h.environmentDirs() {
			if tree := gittest.Tree(t, filepath.Join(dir, "production")); !maps.Equal(tree, gittest.Files{"file" + text: text}) {
				t.Errorf("%s holds %v", dir, tree)
			}
		}
	}
}

func TestPurge(t *testing.T) {
	repo := gittest.New(t)
	for _, branch := range []string{"keep", "one", "two"} {
		repo.Commit(t, branch, gittest.Files{"a": "a"})
	}
	h := start(t, Options{ControlRepo: repo.Path})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	check := func(want ...string) {
		t.Helper()
		for _, dir := range h.environmentDirs() {
			if got := names(t, dir); !slices.Equal(got, want) {
				t.Errorf("%s holds %v, want %v", dir, got, want)
			}
		}
	}
	check("keep", "one", "two")
	repo.Delete(t, "one")
	d := h.deploy(`{"environments": ["one"], "wait": true}`)["one"]
	want := "Errors while deploying environment 'one' (exit code: 1):\n" +
		"ERROR\t -> Environment(s) 'one' cannot be found in any source and will not be deployed.\n"
	if d.Status != codemanager.StatusFailed || d.Error == nil || d.Error.Kind != kindDeployFailure || d.Error.Msg != want {
		t.Errorf("deployment %+v", d)
	}
	check("keep", "two")
	repo.Delete(t, "two")
	if got := h.deploy(`{"deploy-all": true, "wait": true}`); len(got) != 1 {
		t.Errorf("deployed %v, want keep alone", got)
	}
	check("keep")
}

func TestForeignFoldersAreLeftAlone(t *testing.T) {
	codedir := t.TempDir()
	foreign := filepath.Join(codedir, "environments", "foreign")
	if err := os.MkdirAll(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	h := start(t, Options{Codedir: codedir})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	h.deploy(`{"environments": ["foreign"], "wait": true}`)
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, codedir); !slices.Equal(got, []string{"environments"}) {
		t.Errorf("the code directory holds %v at the end", got)
	}
}

func TestHostileNamesNeverTouchTheFileSystem(t *testing.T) {
	dir := t.TempDir()
	h := start(t, Options{Dir: dir})
	h.deploy(`{"environments": ["production"], "wait": true}`)
	before := gittest.Tree(t, dir)
	hostile := []string{
		`../../etc`, `-rf`, `.git`, `.git/hooks`, ``, strings.Repeat("x", 10_000), `a\u0000b`, `feature/x`, `..`, `.`, `production/`, `/etc`, `a\nb`, `$(id)`, `é`,
	}
	for _, d := range h.deploy(`{"environments": ["` + strings.Join(hostile, `","`) + `"], "wait": true}`) {
		if d.Error == nil || d.Status != codemanager.StatusFailed {
			t.Errorf("%.30q is %s", d.Environment, d.Status)
		} else if !strings.Contains(d.Error.Msg, "cannot be found in any source") {
			t.Errorf("%.30q: %s, %.200q", d.Environment, d.Status, d.Error.Msg)
		}
	}
	if after := gittest.Tree(t, dir); !maps.Equal(before, after) {
		t.Error("the folder of the sandbox has changed")
	}
}

func TestCorrectedName(t *testing.T) {
	h := start(t, Options{})
	deployed := h.deploy(`{"environments": ["feature/with-slash", "no/such"], "wait": true}`)
	if got := string(deployed["feature/with-slash"].Error.Details); got != `{"corrected-name":"feature_with_slash"}` {
		t.Errorf("details %s", got)
	}
	if got := deployed["no/such"].Error.Details; got != nil {
		t.Errorf("details %s for a name that no correction helps", got)
	}
}

func TestFiftyWaitingClients(t *testing.T) {
	repo := gittest.New(t)
	want := map[string]string{}
	for i := range 50 {
		name := fmt.Sprintf("env%d", i)
		want[name] = repo.Commit(t, name, gittest.Files{"name": name})
	}
	h := start(t, Options{ControlRepo: repo.Path})
	var clients sync.WaitGroup
	for name, signature := range want {
		clients.Go(func() {
			got := h.deploy(`{"environments": ["` + name + `"], "wait": true}`)
			if len(got) != 1 || got[name].Status != codemanager.StatusComplete || got[name].DeploySignature != signature {
				t.Errorf("%s: got %+v", name, got)
			}
			for _, dir := range h.environmentDirs() {
				if tree := gittest.Tree(t, filepath.Join(dir, name)); tree["name"] != name {
					t.Errorf("%s is answered but not in %s", name, dir)
				}
			}
		})
	}
	clients.Wait()
}

func TestNobodyReadsHalfAnEnvironment(t *testing.T) {
	repo := gittest.New(t)
	commit := func(generation int) {
		files := gittest.Files{}
		for i := range 30 {
			files[fmt.Sprintf("manifests/gen%d_%d.pp", generation, i)] = "x"
		}
		repo.Commit(t, "production", files)
	}
	commit(0)
	h := start(t, Options{ControlRepo: repo.Path, Compilers: 1})
	h.deploy(`{"deploy-all": true, "wait": true}`)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, dir := range h.environmentDirs() {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				entries, err := os.ReadDir(filepath.Join(dir, "production", "manifests"))
				if err != nil || len(entries) != 30 {
					t.Errorf("%s: %d files, %v", dir, len(entries), err)
					return
				}
			}
		})
	}
	for generation := 1; generation <= 15; generation++ {
		commit(generation)
		h.deploy(`{"environments": ["production"], "wait": true}`)
	}
	close(stop)
	readers.Wait()
}
