package r10k

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// commit writes a generation of everything.
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

// generations are what a directory holds of each part, and which paths.
func generations(t *testing.T, dir string) (control, one, two string, paths []string) {
	t.Helper()
	tree := gittest.Tree(t, dir)
	return tree["site.pp"], tree["modules/one/one"], tree["thirdparty/two/two"], slices.Sorted(maps.Keys(tree))
}

func TestModuleKeys(t *testing.T) {
	e := newEstate(t)
	e.commit(t, "1")
	first, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Modules: engine.Modules{Skip: true}})
	if err != nil {
		t.Fatal(err)
	}
	control, one, two, before := generations(t, first)
	if got := control + " " + one + " " + two; got != "1 1 1" {
		t.Fatalf("the first deployment made %s, want all modules", got)
	}
	e.commit(t, "2")
	for name, test := range map[string]struct {
		modules engine.Modules
		want    string
	}{
		"all":                    {engine.Modules{}, "2 2 2"},
		"in a folder of its own": {engine.Modules{Only: []string{"two", "--help"}}, "2 1 2"},
		"unknown":                {engine.Modules{Only: []string{"nope"}}, "2 1 1"},
		"none":                   {engine.Modules{Skip: true, Only: []string{"one"}}, "2 1 1"},
		"like options":           {engine.Modules{Only: []string{"--help", "-e", "a b", ""}}, "2 1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Modules: test.modules, Previous: first})
			if err != nil {
				t.Fatal(err)
			}
			control, one, two, after := generations(t, dir)
			if got := control + " " + one + " " + two; got != test.want {
				t.Errorf("deployed %s, want %s", got, test.want)
			}
			if !slices.Equal(before, after) {
				t.Errorf("paths %q, want %q", after, before)
			}
		})
	}
}

// TestWhatIsGoneStaysGone: what the live environment has beside its modules
// must not come back.
func TestWhatIsGoneStaysGone(t *testing.T) {
	e := newEstate(t)
	e.commit(t, "1")
	first, _, err := deploy(t, e.engine, engine.Request{Environment: "production"})
	if err != nil {
		t.Fatal(err)
	}
	e.control.Commit(t, "production", gittest.Files{"new.pp": "2"})
	second, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Previous: first, Modules: engine.Modules{Skip: true}})
	if err != nil {
		t.Fatal(err)
	}
	_, one, two, paths := generations(t, second)
	if one != "1" || two != "1" {
		t.Errorf("modules %q and %q were not kept", one, two)
	}
	for _, path := range paths {
		if path == "site.pp" || path == "Puppetfile" || strings.HasPrefix(path, "modules/tracked") {
			t.Errorf("%s is back", path)
		}
	}
}

// TestKeptModulesStayInside: a new commit has a link where modules were.
func TestKeptModulesStayInside(t *testing.T) {
	e := newEstate(t)
	e.commit(t, "1")
	first, _, err := deploy(t, e.engine, engine.Request{Environment: "production"})
	if err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	e.control.Commit(t, "production", gittest.Files{"modules@": outside})
	_, _, err = deploy(t, e.engine, engine.Request{Environment: "production", Previous: first, Modules: engine.Modules{Skip: true}})
	if err == nil {
		t.Error("the environment was deployed")
	}
	if found := gittest.Tree(t, outside); len(found) != 0 {
		t.Errorf("%v was written through the link", found)
	}
}

// TestFirstDeploymentByThisEngine: what the other engine deployed has no modules.
func TestFirstDeploymentByThisEngine(t *testing.T) {
	e := newEstate(t)
	e.commit(t, "1")
	dir, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Previous: t.TempDir(), Modules: engine.Modules{Skip: true}})
	if err != nil {
		t.Fatal(err)
	}
	if _, one, two, _ := generations(t, dir); one != "1" || two != "1" {
		t.Errorf("modules %q and %q", one, two)
	}
}

func TestRewrittenBranchKeepsModules(t *testing.T) {
	e := newEstate(t)
	// A clone by path would have all objects, also those without a branch.
	e.engine = newEngine(t, ForRemote(gittest.Serve(t, e.control)))
	e.commit(t, "1")
	first, _, err := deploy(t, e.engine, engine.Request{Environment: "production"})
	if err != nil {
		t.Fatal(err)
	}
	e.commit(t, "2") // each commit of a test is without a parent
	// The cache that knows the old commit is in other hands.
	busy, err := e.engine.caches.take()
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Previous: first, Modules: engine.Modules{Skip: true}})
	if err != nil {
		t.Fatal(err)
	}
	if control, one, _, _ := generations(t, second); control != "2" || one != "1" {
		t.Errorf("control repository %s, module %s", control, one)
	}
	// And where nobody knows it, all modules are deployed.
	if err := os.RemoveAll(busy); err != nil {
		t.Fatal(err)
	}
	third, _, err := deploy(t, e.engine, engine.Request{Environment: "production", Previous: first, Modules: engine.Modules{Skip: true}})
	if err != nil {
		t.Fatal(err)
	}
	if control, one, _, _ := generations(t, third); control != "2" || one != "2" {
		t.Errorf("control repository %s, module %s", control, one)
	}
}

func TestFailuresInR10ksWords(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "broken", gittest.Files{"Puppetfile": "mod 'x\n"})
	repo.Commit(t, "lost", gittest.Files{"Puppetfile": "mod 'x', git: '/not/there.git', branch: 'main'\n"})
	e := newEngine(t, ForRemote(repo.Path))
	for environment, want := range map[string]string{
		"broken": "ERROR\t -> Failed to evaluate " + filepath.Join(live, "broken", "Puppetfile") + "\nOriginal exception:\n",
		"lost":   "fatal: repository '/not/there.git' does not exist",
	} {
		_, _, err := deploy(t, e, engine.Request{Environment: environment})
		failure := (*engine.Failure)(nil)
		if !errors.As(err, &failure) || failure.Missing || !strings.Contains(failure.Output, want) || failure.Status() != 1 {
			t.Errorf("%s: error %v, want %q", environment, err, want)
		}
	}
}

func TestCollisionIsR10ks(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "a-x", gittest.Files{"a": "a"})
	repo.Commit(t, "a/x", gittest.Files{"a": "a"})
	_, err := newEngine(t, ForRemote(repo.Path)).Environments(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Environment collision at "+live+"/a_x between puppet:a/x and puppet:a-x") {
		t.Errorf("error %v", err)
	}
}
