package r10k

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// estate is a control repository with two modules in repositories of their own,
// one of them in a folder that the Puppetfile chooses.
type estate struct {
	control, one, two *gittest.Repo
	engine            *Engine
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{control: gittest.New(t), one: gittest.New(t), two: gittest.New(t)}
	e.engine = newEngine(t, ForRemote(e.control.Path))
	return e
}

// commit writes a generation of everything. No commit has a parent: each time
// the branches are rewritten.
func (e *estate) commit(t *testing.T, generation string) {
	t.Helper()
	e.one.Commit(t, "main", gittest.Files{"one": generation, "exe*": "x", "link@": "one"})
	e.two.Commit(t, "main", gittest.Files{"two": generation})
	e.control.Commit(t, "production", gittest.Files{
		"site.pp":              generation,
		"modules/README":       generation,
		"modules/tracked/file": generation,
		"Puppetfile": "mod 'one', git: '" + e.one.Path + "', branch: 'main'\n" +
			"mod 'two', git: '" + e.two.Path + "', branch: 'main', install_path: 'thirdparty'\n",
	})
}

// deploy deploys production and returns the generations of the control
// repository and of both modules, and all paths.
func (e *estate) deploy(t *testing.T, modules engine.Modules) (generations string, paths []string) {
	t.Helper()
	dir, err := deploy(t, e.engine, engine.Request{Environment: "production", Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	tree := gittest.Tree(t, dir)
	return tree["site.pp"] + " " + tree["modules/one/one"] + " " + tree["thirdparty/two/two"], slices.Sorted(maps.Keys(tree))
}

// TestIncremental: a module at a branch moves, one at a commit is not even fetched, and one that
// failed is repaired.
func TestIncremental(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.commit(t, "1")
	puppetfile := func(two string) {
		e.control.Commit(t, "production", gittest.Files{"site.pp": "x", "Puppetfile": "mod 'one', git: '" + e.one.Path + "', branch: 'main'\n" +
			"mod 'two', git: '" + e.two.Path + "', commit: '" + two + "', install_path: 'thirdparty'\n"})
	}
	puppetfile(e.two.Run(t, "rev-parse", "main"))
	if got, _ := e.deploy(t, engine.Modules{}); got != "x 1 1" {
		t.Fatalf("deployed %s", got)
	}
	e.one.Commit(t, "main", gittest.Files{"one": "2"})
	next := e.two.Commit(t, "main", gittest.Files{"two": "2"})
	hidden := e.two.Path + ".hidden"
	if err := os.Rename(e.two.Path, hidden); err != nil {
		t.Fatal(err)
	}
	if got, _ := e.deploy(t, engine.Modules{}); got != "x 2 1" {
		t.Errorf("deployed %s, want the new commit of the branch alone", got)
	}
	puppetfile(next)
	if _, err := deploy(t, e.engine, engine.Request{Environment: "production"}); err == nil {
		t.Error("deployed without a module")
	}
	if err := os.Rename(hidden, e.two.Path); err != nil {
		t.Fatal(err)
	}
	if got, _ := e.deploy(t, engine.Modules{}); got != "x 2 2" {
		t.Errorf("deployed %s, want the module that failed", got)
	}
}

// TestDeletedFilesAndModulesStayDeleted: a new commit that lacks files, and modules that are
// no longer in the Puppetfile.
func TestDeletedFilesAndModulesStayDeleted(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.commit(t, "1")
	e.deploy(t, engine.Modules{})
	e.control.Commit(t, "production", gittest.Files{"new.pp": "2"})
	got, paths := e.deploy(t, engine.Modules{Skip: true})
	if got != " 1 1" {
		t.Errorf("deployed %q: the modules were not kept", got)
	}
	for _, path := range paths {
		if path == "site.pp" || path == "Puppetfile" || strings.HasPrefix(path, "modules/tracked") {
			t.Errorf("%s is back", path)
		}
	}
	e.control.Commit(t, "production", gittest.Files{"Puppetfile": "mod 'one', git: '" + e.one.Path + "', branch: 'main'\n"})
	if _, paths := e.deploy(t, engine.Modules{}); slices.Contains(paths, "modules/two/") {
		t.Errorf("paths %q: r10k did not purge", paths)
	}
}

// TestBranchThatIsCreatedAgain: no files of the old branch are left.
func TestBranchThatIsCreatedAgain(t *testing.T) {
	testneeds.Night(t)
	for name, notice := range map[string]func(*testing.T, *estate){
		"a listing without it": func(t *testing.T, e *estate) { t.Helper(); environments(t, e.engine) },
		"a deployment that failed": func(t *testing.T, e *estate) {
			t.Helper()
			if _, err := deploy(t, e.engine, engine.Request{Environment: "production"}); err == nil {
				t.Error("a branch that is gone was deployed")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEstate(t)
			e.commit(t, "1")
			e.deploy(t, engine.Modules{})
			e.control.Delete(t, "production")
			notice(t, e)
			e.commit(t, "2")
			if got, _ := e.deploy(t, engine.Modules{Skip: true}); got != "2 2 2" {
				t.Errorf("deployed %s, want all of it anew", got)
			}
		})
	}
}

// TestFirstDeploymentThatFailed: the next is the first.
func TestFirstDeploymentThatFailed(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.commit(t, "1")
	hidden := e.two.Path + ".hidden"
	if err := os.Rename(e.two.Path, hidden); err != nil {
		t.Fatal(err)
	}
	if _, err := deploy(t, e.engine, engine.Request{Environment: "production"}); err == nil {
		t.Fatal("deployed without a module")
	}
	if err := os.Rename(hidden, e.two.Path); err != nil {
		t.Fatal(err)
	}
	if got, _ := e.deploy(t, engine.Modules{Skip: true}); got != "1 1 1" {
		t.Errorf("deployed %s, want all modules", got)
	}
}

// TestDiscardedCache: an r10k that was stopped takes its cache with it. Others
// go on, and keep their modules although the branch was rewritten.
func TestDiscardedCache(t *testing.T) {
	testneeds.Night(t)
	e := newEstate(t)
	// A clone by path would have all objects, also those without a branch.
	e.engine = newEngine(t, ForRemote(gittest.Serve(t, e.control)))
	e.commit(t, "1")
	e.deploy(t, engine.Modules{})
	<-e.engine.free // as if r10k had been stopped in it
	e.commit(t, "2")
	if got, _ := e.deploy(t, engine.Modules{Skip: true}); got != "2 1 1" {
		t.Errorf("deployed %s from another cache", got)
	}
}

func TestNameCollisionIsAnErrorOfR10k(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit(t, "a-x", gittest.Files{"a": "a"})
	repo.Commit(t, "a/x", gittest.Files{"a": "a"})
	_, err := newEngine(t, ForRemote(repo.Path)).Environments(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Environment collision at "+live+"/a_x between puppet:a/x and puppet:a-x") {
		t.Errorf("error %v", err)
	}
}
