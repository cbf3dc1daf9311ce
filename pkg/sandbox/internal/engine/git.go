package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Git deploys the branches of one repository. It checks out what Git holds and
// installs no modules.
type Git struct {
	source source
	// basedir is only quoted: r10k names it when a source cannot be read.
	basedir string
	log     *slog.Logger
}

// NewGit returns an engine for the control repository at a path or URL.
// Repositories on the network are mirrored in a folder below mirrors; basedir
// is the directory of the environments, for messages. Nothing is read yet.
func NewGit(repo, mirrors, basedir string, log *slog.Logger) (*Git, error) {
	src, err := newSource(repo, mirrors)
	if err != nil {
		return nil, err
	}
	return &Git{source: src, basedir: basedir, log: log}, nil
}

// Source is the absolute path or the URL of the control repository, without a
// password.
func (g *Git) Source() string { return g.source.String() }

// Environments lists the environments that the branches make.
func (g *Git) Environments(ctx context.Context) ([]string, error) {
	_, branches, err := g.branches(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(branches))
	for name := range branches {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Deploy checks out the branch of one environment.
func (g *Git) Deploy(ctx context.Context, request Request) (string, error) {
	repo, branches, err := g.branches(ctx)
	if err != nil {
		return "", err
	}
	found, ok := branches[request.Environment]
	if !ok {
		return "", Missing(request.Environment)
	}
	out := &checkout{ctx: ctx, repo: repo, log: g.log.With("environment", request.Environment)}
	if err := out.commit(found.commit, request.Dir); err != nil {
		return "", &Failure{
			Output: fmt.Sprintf("ERROR\t -> Unable to check out branch '%s' at %s: %v\n", found.name, found.commit, err),
			Err:    err,
		}
	}
	g.logModules(request, out.puppetfile)
	return found.commit.String(), nil
}

// logModules says what a server with r10k would have done beyond this.
func (g *Git) logModules(request Request, puppetfile bool) {
	if puppetfile {
		g.log.Info("modules of the Puppetfile are not installed by the git engine", "environment", request.Environment)
	}
	if request.Modules.Skip || len(request.Modules.Only) > 0 {
		g.log.Info("limits on modules have no effect with the git engine", "environment", request.Environment,
			"deploy-modules", !request.Modules.Skip, "modules", request.Modules.Only)
	}
}

// branch is what an environment is made of.
type branch struct {
	name   string
	commit plumbing.Hash
}

// branches reads all branches anew, by the name of the environment each makes.
func (g *Git) branches(ctx context.Context) (*git.Repository, map[string]branch, error) {
	repo, err := g.source.open(ctx)
	if err != nil {
		return nil, nil, g.unreadable(err)
	}
	refs, err := repo.References()
	if err != nil {
		return nil, nil, g.unreadable(err)
	}
	var found []branch
	err = refs.ForEach(func(ref *plumbing.Reference) error {
		if !ref.Name().IsBranch() {
			return nil
		}
		if ref.Type() == plumbing.SymbolicReference {
			resolved, err := repo.Reference(ref.Name(), true)
			if err != nil {
				return fmt.Errorf("branch %s: %w", ref.Name().Short(), err)
			}
			found = append(found, branch{name: ref.Name().Short(), commit: resolved.Hash()})
			return nil
		}
		found = append(found, branch{name: ref.Name().Short(), commit: ref.Hash()})
		return nil
	})
	if err != nil {
		return nil, nil, g.unreadable(err)
	}
	return repo, g.byEnvironment(found), nil
}

// byEnvironment corrects the names. Of branches that make the same name, the
// one that needs no correction wins, else the first by name: the answer must
// not depend on the order in which Git stores them.
func (g *Git) byEnvironment(found []branch) map[string]branch {
	slices.SortFunc(found, func(a, b branch) int {
		if exactA, exactB := ValidName(a.name), ValidName(b.name); exactA != exactB {
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
			g.log.Warn("two branches make the same environment: the second is ignored",
				"environment", name, "deployed", winner.name, "ignored", b.name)
			continue
		}
		if !ValidName(name) {
			g.log.Warn("branch ignored: its name is too long for an environment", "branch", b.name)
			continue
		}
		environments[name] = b
	}
	return environments
}

// unreadable puts a source that cannot be read into r10k's words.
func (g *Git) unreadable(err error) *Failure {
	if errors.Is(err, transport.ErrAuthenticationRequired) || errors.Is(err, transport.ErrAuthorizationFailed) {
		return &Failure{Output: fmt.Sprintf("ERROR\t -> Authentication failed for Git remote %q.\n", g.source), Err: err}
	}
	return &Failure{
		Output: fmt.Sprintf("ERROR\t -> Unable to determine current branches for Git source 'puppet' (%s)\n"+
			"Original exception:\n%v\n", g.basedir, err),
		Err: err,
	}
}
