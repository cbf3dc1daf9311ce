package engine_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// TestShapesOfControlRepos deploys typical control repos. Each makes the same trees as r10k alone,
// except for Git's files and the report, which contains times.
func TestShapesOfControlRepos(t *testing.T) {
	t.Parallel()
	gittest.Need(t, "git")
	gittest.Need(t, "r10k")
	for name, shape := range map[string]func(t *testing.T) (repo *gittest.Repo, environments []string){
		"site modules": func(t *testing.T) (*gittest.Repo, []string) {
			repo := gittest.New(t)
			for _, branch := range []string{"production", "testing"} {
				repo.Commit(t, branch, gittest.Files{
					"environment.conf":                      "modulepath = site-modules:modules\n",
					"site-modules/role/manifests/init.pp":   "class role { include thing } # " + branch,
					"site-modules/profile/files/run.sh*":    "#!/bin/sh\n",
					"site-modules/profile/templates/é.epp":  "<%= $x %>",
					"Puppetfile":                            puppetfile(thing(t), "main"),
					"data/nodes/web1.example.com.yaml":      "--- {}\n",
					"site-modules/profile/spec/.fixtures":   "",
					".gitlab-ci.yml":                        "stages: [test]\n",
					"site-modules/profile/lib/facter/x.rb*": "# \xff is no UTF-8",
				})
			}
			return repo, []string{"production", "testing"}
		},
		"a submodule": func(t *testing.T) (*gittest.Repo, []string) {
			repo := gittest.New(t)
			other := branches(t, "main")
			repo.Commit(t, "production", gittest.Files{
				"site.pp":      "",
				".gitmodules":  "[submodule \"modules/sub\"]\n\tpath = modules/sub\n\turl = " + other.Path + "\n",
				"modules/sub#": other.Run(t, "rev-parse", "main"),
			})
			return repo, []string{"production"}
		},
		":control_branch": func(t *testing.T) (*gittest.Repo, []string) {
			repo, module := gittest.New(t), branches(t, "main", "testing")
			for _, branch := range []string{"production", "testing"} {
				repo.Commit(t, branch, gittest.Files{
					"Puppetfile": "mod 'thing', git: '" + module.Path + "', branch: :control_branch, default_branch: 'main'\n",
				})
			}
			return repo, []string{"production", "testing"}
		},
		"a mono repo with symbolic links": func(t *testing.T) (*gittest.Repo, []string) {
			repo := gittest.New(t)
			repo.Commit(t, "production", gittest.Files{
				"code/modules/a/manifests/init.pp": "class a {}", "code/shared/data/common.yaml": "---",
				"modules@": "code/modules", "data@": "code/shared/data", "loop@": "loop", "outside@": "/etc/hostname", "up@": "../../..",
			})
			return repo, []string{"production"}
		},
		"300 branches": func(t *testing.T) (*gittest.Repo, []string) {
			repo := gittest.New(t)
			for i := range 300 {
				repo.Commit(t, fmt.Sprintf("feature/ticket-%d", i), gittest.Files{"branch": fmt.Sprint(i), "same": "x"})
			}
			return repo, []string{"feature_ticket_0", "feature_ticket_150", "feature_ticket_299"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "site modules" {
				testneeds.Night(t)
			}
			repo, names := shape(t)
			alone := r10kAlone(t, repo.Path, names)
			bothEngines(t, func(t *testing.T, open opener) {
				e := open(t, repo.Path)
				for _, environment := range names {
					dir, signature, err := deploy(t, e, engine.Request{Environment: environment})
					if err != nil {
						t.Errorf("%s: %v", environment, err)
						continue
					}
					got, want := withoutReport(gittest.Tree(t, dir)), alone.trees[environment]
					if strings.HasSuffix(t.Name(), "/git") {
						// It installs no modules.
						got, want = withoutModules(got), withoutModules(want)
					}
					if !maps.Equal(got, want) || len(want) == 0 {
						t.Errorf("%s: deployed %q\nr10k alone %q", environment, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
					}
					if signature != alone.signatures[environment] {
						t.Errorf("%s: signature %s, r10k has %s", environment, signature, alone.signatures[environment])
					}
				}
			})
		})
	}
}

// deployment is the result of r10k without the sandbox.
type deployment struct {
	trees      map[string]gittest.Files
	signatures map[string]string
}

// r10kAlone runs r10k as its documentation says.
func r10kAlone(t *testing.T, repo string, names []string) deployment {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "r10k.yaml")
	writeFile(t, config, fmt.Sprintf("cachedir: %[1]s/cache\nsources:\n  puppet:\n    remote: %[2]s\n    basedir: %[1]s/environments\n", dir, repo))
	args := append([]string{"deploy", "environment", "--modules", "--incremental", "--config", config}, names...)
	command := exec.CommandContext(t.Context(), "r10k", args...)
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("r10k: %v\n%s", err, out)
	}
	made := deployment{trees: map[string]gittest.Files{}, signatures: map[string]string{}}
	for _, name := range names {
		path := filepath.Join(dir, "environments", name)
		made.signatures[name] = gittest.Run(t, "-C", path, "rev-parse", "HEAD")
		tree := gittest.Tree(t, path)
		maps.DeleteFunc(tree, func(path, _ string) bool {
			return slices.Contains(strings.Split(strings.TrimRight(path, "/@*"), "/"), ".git")
		})
		made.trees[name] = withoutReport(tree)
	}
	return made
}

// withoutReport removes r10k's report about a deployment, which contains times.
func withoutReport(tree gittest.Files) gittest.Files {
	delete(tree, ".r10k-deploy.json")
	return tree
}

// withoutModules removes the modules that r10k installed.
func withoutModules(tree gittest.Files) gittest.Files {
	tree = maps.Clone(tree)
	maps.DeleteFunc(tree, func(path, _ string) bool { return path == "modules/" || strings.HasPrefix(path, "modules/thing/") })
	return tree
}

// thing is the repository of a module.
func thing(t *testing.T) *gittest.Repo {
	t.Helper()
	repo := gittest.New(t)
	repo.Commit(t, "main", gittest.Files{"manifests/init.pp": "class thing {}\n", "metadata.json": "{}"})
	return repo
}

func puppetfile(module *gittest.Repo, branch string) string {
	return "mod 'thing', git: '" + module.Path + "', branch: '" + branch + "'\n"
}
