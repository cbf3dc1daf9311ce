package git

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// maxListing is the maximum output of git for a list of branches, in bytes.
const maxListing = 64 << 20

// branch is a branch of the control repository.
type branch struct{ name, commit string }

// branches lists the branches as they are now: the heads, or without any, as in a checkout of a CI
// job, those of origin; and HEAD, if it counts as a branch.
func (r repository) branches(ctx context.Context) ([]branch, error) {
	found, err := r.refs(ctx, "refs/heads/")
	if err == nil && len(found) == 0 {
		found, err = r.refs(ctx, "refs/remotes/origin/")
		found = slices.DeleteFunc(found, func(b branch) bool { return b.name == "HEAD" })
	}
	if err != nil || r.head == "" {
		return found, err
	}
	commit, err := r.ask(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		return nil, errors.New("its HEAD is no commit")
	}
	found = slices.DeleteFunc(found, func(b branch) bool { return b.name == r.head })
	return append(found, branch{name: r.head, commit: commit[0]}), nil
}

// refs lists the refs below a prefix.
func (r repository) refs(ctx context.Context, prefix string) ([]branch, error) {
	out := process.Buffer{Limit: maxListing}
	said, err := r.run(ctx, &out, "for-each-ref", "--format=%(objectname) %(refname)", prefix)
	if err != nil {
		return nil, err
	}
	for warning := range strings.Lines(said) {
		r.log.Info("git left out a branch", "reason", strings.TrimSpace(warning))
	}
	var found []branch
	for line := range strings.Lines(out.String()) {
		commit, ref, _ := strings.Cut(strings.TrimSpace(line), " ")
		found = append(found, branch{name: strings.TrimPrefix(ref, prefix), commit: commit})
	}
	return found, nil
}

// byEnvironment corrects the names. If several branches have the same environment name, the branch
// that needs no correction wins, else the first by name.
func byEnvironment(found []branch, log *slog.Logger) map[string]branch {
	slices.SortFunc(found, func(a, b branch) int {
		if exactA, exactB := engine.ValidName(a.name), engine.ValidName(b.name); exactA != exactB {
			if exactA {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	environments := make(map[string]branch, len(found))
	for _, b := range found {
		name := codemanager.EnvironmentName(b.name)
		if winner, taken := environments[name]; taken {
			log.Warn("two branches have the same environment name: the second is ignored",
				"environment", name, "deployed", winner.name, "ignored", b.name)
			continue
		}
		if !engine.ValidName(name) {
			log.Warn("branch ignored: its name is too long for an environment", "branch", b.name)
			continue
		}
		environments[name] = b
	}
	return environments
}

// unreadable is r10k's error for a source that cannot be read; basedir is the directory of the
// environments.
func unreadable(err error, shown, basedir string) *engine.Failure {
	words := err.Error()
	if !strings.Contains(words, shown) {
		words = shown + ": " + words
	}
	return &engine.Failure{
		Output: fmt.Sprintf("ERROR\t -> Unable to determine current branches for Git source 'puppet' (%s)\n"+
			"Original exception:\n%s\n", basedir, words),
		Err: err,
	}
}
