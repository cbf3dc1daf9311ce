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
	want := repo.Commit(t, "production", gittest.Files{
		"Puppetfile":         "mod 'thing', git: '" + module.Path + "', branch: 'main'\n",
		"environment.conf":   "modulepath = site-modules:modules\n",
		"scripts/run.sh*":    "#!/bin/sh\n",
		"deep/er/and/deeper": "x",
		"link@":              "scripts/run.sh",
		"outside@":           "../../elsewhere",
		"binary":             "\x00\xff\r\n",
		"lines":              "one\r\ntwo\n",
		"name with space":    "1",
		"-rf":                "2",
		".gitignore":         "*.log\nmodules/\n",
		"empty":              "",
	})
	bothEngines(t, func(t *testing.T, open opener) {
		dir, signature, err := deploy(t, open(t, repo.Path), engine.Request{Environment: "production"})
		if err != nil || signature != want {
			t.Fatalf("signature %s, %v, want %s", signature, err, want)
		}
		if got, want := controlTree(t, dir), gittest.Archive(t, repo.Path, "production"); !maps.Equal(got, want) {
			t.Errorf("deployed %q\nwant %q", got, want)
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
