package engine_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func TestTreesAndSignatures(t *testing.T) {
	t.Parallel()
	module, repo := gittest.New(t), gittest.New(t)
	module.Commit(t, "main", gittest.Files{"manifests/init.pp": "class thing {}\n"})
	want := gittest.Files{
		"Puppetfile":            "mod 'thing', git: '" + module.Path + "', branch: 'main'\n",
		"environment.conf":      "modulepath = site-modules:modules\n",
		"scripts/":              "",
		"scripts/run.sh*":       "#!/bin/sh\n",
		"deep/":                 "",
		"deep/er/":              "",
		"deep/er/file":          "x",
		"link@":                 "scripts/run.sh",
		"outside@":              "../../elsewhere",
		"absolute@":             "/etc/hostname",
		"binary":                "\x00\xff\r\n",
		"lines":                 "one\r\ntwo\n",
		"name with space":       "1",
		"-rf":                   "2",
		".gitignore":            "*.log\nmodules/\n",
		"empty":                 "",
		"templates/":            "",
		"templates/é 日.epp":     "3",
		"latin1 \xe4":           "4",
		"..a":                   "5",
		"large":                 strings.Repeat("0123456789abcdef", 100_000),
		".gitattributes":        "*.bat eol=crlf\n*.unix text eol=lf\n*.id ident\nsecret export-ignore\nutf16.txt working-tree-encoding=UTF-16LE\n",
		"run.bat":               "a\r\nb\r\n",
		"a.unix":                "a\nb\n",
		"x.id":                  "$Id: 055c8729cdcc372500a08db659c045e16c4409fb $\n",
		"secret":                "deployed",
		"utf16.txt":             "a\x00",
		".gitmodules":           "[submodule \"sub\"]\n\tpath = sub\n\turl = " + module.Path + "\n",
		"sub/":                  "",
		"nested/":               "",
		"nested/.gitattributes": "*.bat -text\n",
		"nested/run.bat":        "a\n",
	}
	stored := maps.Clone(want)
	maps.DeleteFunc(stored, func(path, _ string) bool { return strings.HasSuffix(path, "/") })
	stored["run.bat"], stored["x.id"], stored["utf16.txt"] = "a\nb\n", "$Id$\n", "a"
	stored["sub#"] = module.Run(t, "rev-parse", "main")
	signature := repo.Commit(t, "production", stored)
	// The content of a replacement must not be deployed under the signature of the original.
	other := repo.Commit(t, "other", gittest.Files{"replaced": "x"})
	repo.Run(t, "replace", signature, other)
	bothEngines(t, func(t *testing.T, open opener) {
		dir, got, err := deploy(t, open(t, repo.Path), engine.Request{Environment: "production"})
		if err != nil || got != signature {
			t.Fatalf("signature %s, %v, want %s", got, err, signature)
		}
		deployed := controlTree(t, dir)
		for path := range maps.Keys(deployed) {
			if text, found := want[path]; !found || text != deployed[path] {
				t.Errorf("%q is %.60q, want %t, %.60q", path, deployed[path], found, text)
			}
		}
		for path := range want {
			if _, found := deployed[path]; !found {
				t.Errorf("%q is missing", path)
			}
		}
	})
}

func TestNamesAreCorrected(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	for _, branch := range []string{"production", "feature/a-b.c", "UPPER", "grün", "日本"} {
		repo.Commit(t, branch, gittest.Files{"branch": branch})
	}
	bothEngines(t, func(t *testing.T, open opener) {
		e := open(t, repo.Path)
		if got, want := environments(t, e), []string{"UPPER", "__", "feature_a_b_c", "gr_n", "production"}; !slices.Equal(got, want) {
			t.Errorf("environments %q, want %q", got, want)
		}
		for environment, branch := range map[string]string{"feature_a_b_c": "feature/a-b.c", "gr_n": "grün"} {
			dir, _, err := deploy(t, e, engine.Request{Environment: environment})
			if err != nil || gittest.Tree(t, dir)["branch"] != branch {
				t.Errorf("%s: deployed %v, %v", environment, gittest.Tree(t, dir), err)
			}
		}
	})
}

func TestNoSuchEnvironment(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	bothEngines(t, func(t *testing.T, open opener) {
		_, _, err := deploy(t, open(t, repo.Path), engine.Request{Environment: "nope"})
		failure, want := (*engine.Failure)(nil), engine.Missing("nope")
		if !errors.As(err, &failure) || !failure.Missing || failure.Output != want.Output || failure.Status() != 1 {
			t.Errorf("error %+v, want %+v", failure, want)
		}
	})
}

func TestMissingSource(t *testing.T) {
	t.Parallel()
	want := "ERROR\t -> Unable to determine current branches for Git source 'puppet' (" + live + ")\nOriginal exception:\n"
	bothEngines(t, func(t *testing.T, open opener) {
		e := open(t, "file:///not/there")
		_, listing := e.Environments(t.Context())
		_, _, deploying := deploy(t, e, engine.Request{Environment: "production"})
		for _, err := range []error{listing, deploying} {
			failure := (*engine.Failure)(nil)
			if !errors.As(err, &failure) || failure.Missing || !strings.HasPrefix(failure.Output, want) ||
				!strings.Contains(failure.Output, "/not/there") {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	})
}

func TestNothingStartsWithoutTime(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "a"})
	bothEngines(t, func(t *testing.T, open opener) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := open(t, repo.Path).Deploy(ctx, engine.Request{Environment: "production", Dir: t.TempDir()})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
}
