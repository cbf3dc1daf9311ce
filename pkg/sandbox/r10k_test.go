package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// startR10K starts a sandbox with r10k, which must be installed.
func startR10K(t *testing.T, options Options) *harness {
	t.Helper()
	testneeds.Program(t, "git")
	testneeds.Program(t, "r10k")
	options.Engine = EngineR10K
	return start(t, options)
}

// TestModulesAreInPlace deploys a control repository with a module, a broken
// one and one without any, all in one request.
func TestModulesAreInPlace(t *testing.T) {
	t.Parallel()
	module, repo := gittest.New(t), gittest.New(t)
	module.Commit(t, "main", gittest.Files{"manifests/init.pp": "class thing {}\n"})
	want := repo.Commit(t, "production", gittest.Files{
		"Puppetfile": "mod 'thing', git: '" + module.Path + "', branch: 'main'\n", "site.pp": "1",
	})
	repo.Commit(t, "broken", gittest.Files{"Puppetfile": "mod 'thing\n"})
	repo.Commit(t, "feature/x", gittest.Files{"site.pp": "x"})
	dir := t.TempDir()
	h := startR10K(t, Options{ControlRepo: repo.Path, Dir: dir})
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	if d := deployed["production"]; d.Status != complete || d.DeploySignature != want || d.FileSync == nil {
		t.Errorf("production: %+v", d)
	}
	if d := deployed["feature_x"]; d.Status != complete {
		t.Errorf("feature_x: %+v", d)
	}
	d := deployed["broken"]
	words := "ERROR\t -> Failed to evaluate " + filepath.Join(h.Codedir(), "environments", "broken", "Puppetfile") + "\nOriginal exception:\n"
	if d.Status != failed || d.Error == nil || d.Error.Kind != deploy.KindDeployFailure ||
		!strings.HasPrefix(d.Error.Msg, "Errors while deploying environment 'broken' (exit code: 1):\n") || !strings.Contains(d.Error.Msg, words) {
		t.Errorf("broken: %+v", d.Error)
	}
	if got := names(t, h.environments()); !slices.Equal(got, []string{"feature_x", "production"}) {
		t.Errorf("live are %v", got)
	}
	tree := gittest.Tree(t, filepath.Join(h.environments(), "production"))
	if tree["modules/thing/manifests/init.pp"] != "class thing {}\n" || !strings.Contains(tree[".r10k-deploy.json"], want) ||
		slices.ContainsFunc(slices.Collect(maps.Keys(tree)), func(path string) bool { return strings.Contains(path, ".git") }) {
		t.Errorf("production holds %v", tree)
	}
	repo.Delete(t, "feature/x")
	if d := h.deploy(`{"environments": ["feature_x"], "wait": true}`)["feature_x"]; d.Error == nil ||
		!strings.HasSuffix(d.Error.Msg, "ERROR\t -> Environment(s) 'feature_x' cannot be found in any source and will not be deployed.\n") {
		t.Errorf("feature_x: %+v", d)
	}
	if got := names(t, h.environments()); !slices.Equal(got, []string{"production"}) {
		t.Errorf("live %v", got)
	}
}

func TestModuleKeysReachR10K(t *testing.T) {
	t.Parallel()
	module, repo := gittest.New(t), gittest.New(t)
	commit := func(generation string) {
		module.Commit(t, "main", gittest.Files{"generation": generation})
		repo.Commit(t, "production", gittest.Files{
			"Puppetfile": "mod 'thing', git: '" + module.Path + "', branch: 'main'\n", "generation": generation,
		})
	}
	commit("")
	h := startR10K(t, Options{ControlRepo: repo.Path, Compilers: 1})
	for i, test := range []struct{ keys, want string }{
		{`"deploy-modules": false`, "0 0"}, // the first includes modules
		{`"deploy-modules": false`, "1 0"},
		{`"modules": ["thing", "--version"]`, "2 2"},
	} {
		commit(fmt.Sprint(i))
		if d := h.deploy(`{"environments": ["production"], "wait": true, ` + test.keys + `}`)["production"]; d.Error != nil {
			t.Fatalf("%+v", d.Error)
		}
		tree := gittest.Tree(t, filepath.Join(h.environments(), "production"))
		if got := tree["generation"] + " " + tree["modules/thing/generation"]; got != test.want {
			t.Errorf("%s: production has %s, want %s", test.keys, got, test.want)
		}
	}
}

func TestR10KWithoutItsRemote(t *testing.T) {
	h := startR10K(t, Options{ControlRepo: "https://user:secret@localhost:1/repo.git"})
	got := h.refused(h.request(t.Context(), http.MethodPost, "/v1/deploys", `{"deploy-all": true}`), http.StatusInternalServerError, deploy.KindCollectFailed)
	var details string
	words := "ERROR\t -> Unable to determine current branches for Git source 'puppet' (" + filepath.Join(h.Codedir(), "environments") + ")\nOriginal exception:\n"
	if err := unmarshal(got.Details, &details); err != nil || !strings.HasPrefix(details, words) ||
		got.Msg != "Errors while collecting a list of environments to deploy (exit code: 1)" {
		t.Errorf("%+v", got)
	}
	if strings.Contains(details+h.log.String()+h.ControlRepo(), "secret") {
		t.Error("the password is shown")
	}
}

func TestR10KConfig(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	theirs := t.TempDir()
	config := writeFile(t, "---\n:cachedir: "+theirs+"/cache\n:postrun: [touch, "+theirs+"/postrun]\n:sources:\n  :one:\n    remote: "+
		repo.Path+"\n    basedir: "+theirs+"/code\n    prefix: true\n  two: {remote: "+repo.Path+", basedir: "+theirs+"/code}\n")
	h := startR10K(t, Options{R10KConfig: config})
	deployed := h.deploy(`{"deploy-all": true, "wait": true}`)
	for _, environment := range []string{"one_production", "production"} {
		if d := deployed[environment]; d.Status != complete {
			t.Errorf("%s: %+v", environment, d)
		}
	}
	if h.ControlRepo() != repo.Path {
		t.Errorf("control repository %s", h.ControlRepo())
	}
	if found := gittest.Tree(t, theirs); len(found) != 0 {
		t.Errorf("somebody else's folder holds %v", found)
	}
}

// TestCloseStopsR10K: a child of the sandbox does not outlive it.
func TestCloseStopsR10K(t *testing.T) {
	testneeds.Program(t, "sh")
	testneeds.Program(t, "git")
	dir := t.TempDir()
	program, started := filepath.Join(dir, "r10k"), filepath.Join(dir, "started")
	testneeds.Executable(t, program, "#!/bin/sh\necho $$ > "+started+".new; mv "+started+".new "+started+"; sleep 600\n")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	h := start(t, Options{Engine: EngineR10K})
	h.deploy(`{"environments": ["production"]}`)
	eventually(t, "r10k runs", func() bool { found, _ := exists(started); return found })
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if found, err := exists(h.Dir()); found || err != nil {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

func TestInvalidEngineOptions(t *testing.T) {
	testneeds.Program(t, "git")
	fake := t.TempDir()
	testneeds.Executable(t, filepath.Join(fake, "r10k"), "#!/bin/sh\n")
	t.Setenv("PATH", fake+string(os.PathListSeparator)+os.Getenv("PATH"))
	for want, options := range map[string]Options{
		`--engine: "svn": use git or r10k`:      {Engine: "svn"},
		"--r10k-config: it needs --engine r10k": {R10KConfig: "x"},
		"--r10k-config: its sources replace":    {Engine: EngineR10K, R10KConfig: "x", ControlRepo: "y"},
		"--r10k-config: open /not/there":        {Engine: EngineR10K, R10KConfig: "/not/there"},
		"there are no sources":                  {Engine: EngineR10K, R10KConfig: writeFile(t, "a: b")},
		"--control-repo: /not/there":            {Engine: EngineR10K, ControlRepo: "/not/there"},
	} {
		server, err := Start(t.Context(), options)
		if err == nil {
			t.Fatal(server.Close())
		}
		if !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestSampleWithItsModule: the Puppetfile of the sample names a server that does
// not exist, and a branch gets the module in the version it names.
func TestSampleWithItsModule(t *testing.T) {
	t.Parallel()
	h := startR10K(t, Options{Compilers: NoCompilers})
	deployed := h.deploy(`{"environments": ["production", "testing"], "wait": true}`)
	for environment, version := range map[string]string{"production": "1.0.0", "testing": "1.1.0"} {
		if d := deployed[environment]; d.Status != complete {
			t.Errorf("%s: %+v", environment, d.Error)
			continue
		}
		tree := gittest.Tree(t, filepath.Join(h.Codedir(), "environments", environment))
		if !strings.Contains(tree["modules/timesync/metadata.json"], `"version": "`+version+`"`) {
			t.Errorf("%s has %s, want version %s", environment, tree["modules/timesync/metadata.json"], version)
		}
	}
}

// TestSampleWithoutGit deploys the sample on a machine without git, and nothing else.
func TestSampleWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	h := start(t, Options{})
	if d := h.deploy(`{"environments": ["nope"], "wait": true}`)["nope"]; d.Status != failed || !strings.Contains(d.Error.Msg, "'nope' cannot be found") {
		t.Errorf("nope: %+v", d)
	}
	for environment, d := range h.deploy(`{"deploy-all": true, "wait": true}`) {
		branch := strings.Replace(environment, "feature_with_slash", "feature/with-slash", 1)
		text, err := os.ReadFile(filepath.Join(h.ControlRepo(), "refs", "heads", filepath.FromSlash(branch)))
		if err != nil || d.DeploySignature == "" || strings.TrimSpace(string(text)) != d.DeploySignature {
			t.Errorf("%s is at %q, the repository at %s, %v", environment, d.DeploySignature, text, err)
		}
	}
	if got := names(t, h.environments()); len(got) != 4 {
		t.Errorf("live %q", got)
	}
	if !strings.Contains(h.log.String(), "git is not installed") {
		t.Error("the log does not say that git is missing")
	}
	server, err := Start(t.Context(), Options{ControlRepo: "https://git.test/r.git"})
	if err == nil {
		t.Fatal(server.Close())
	}
	if !strings.Contains(err.Error(), "--control-repo: git is not installed") {
		t.Errorf("error %v", err)
	}
}
