package git

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// Engine is an engine.Engine that deploys the branches of one repository. It
// installs no modules.
type Engine struct {
	source source
	// basedir is only quoted: r10k names it when a source cannot be read.
	basedir string
	log     *slog.Logger
}

// NewEngine returns an engine for a control repository. One on the network is
// mirrored in the folder mirrors, which is emptied first; basedir is the
// directory of the environments, for messages. Nothing is read yet.
func NewEngine(remote Remote, mirrors, basedir string) (*Engine, error) {
	e := &Engine{
		source:  source{local: remote.in(remote.Path), shown: remote.String(), timeout: fetchTimeout, fetching: make(chan struct{}, 1)},
		basedir: basedir, log: remote.log,
	}
	if remote.URL != "" {
		mirror, err := newMirror(remote.program, remote.URL, mirrors)
		if err != nil {
			return nil, fmt.Errorf("mirror of %s: %w", remote, err)
		}
		e.source.mirror = mirror
	}
	return e, nil
}

// Environments lists the environments that the branches make.
func (e *Engine) Environments(ctx context.Context) ([]string, error) {
	_, environments, err := e.environments(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(environments)), nil
}

// Deploy writes the branch of one environment.
func (e *Engine) Deploy(ctx context.Context, request engine.Request) (string, error) {
	repo, environments, err := e.environments(ctx)
	if err != nil {
		return "", err
	}
	found, ok := environments[request.Environment]
	if !ok {
		return "", engine.Missing(request.Environment)
	}
	out := &checkout{repo: repo, log: e.log.With("environment", request.Environment)}
	if err := out.commit(ctx, found.commit, request.Dir); err != nil {
		return "", &engine.Failure{
			Output: fmt.Sprintf("ERROR\t -> Unable to check out branch '%s' at %s: %v\n", found.name, found.commit, err),
			Err:    err,
		}
	}
	e.logModules(request, out.puppetfile)
	return found.commit, nil
}

func (e *Engine) environments(ctx context.Context) (repository, map[string]branch, error) {
	repo, found, err := e.source.branches(ctx)
	if err != nil {
		return repository{}, nil, unreadable(err, e.source.shown, e.basedir)
	}
	if len(found) == 0 {
		e.log.Warn("the control repository has no branches, so there are no environments", "repository", e.source.shown)
	}
	return repo, byEnvironment(found, e.log), nil
}

// logModules says what a server with r10k would have done beyond this.
func (e *Engine) logModules(request engine.Request, puppetfile bool) {
	if puppetfile {
		e.log.Info("modules of the Puppetfile are not installed by the git engine", "environment", request.Environment)
	}
	if request.Modules.Skip || len(request.Modules.Only) > 0 {
		e.log.Info("limits on modules have no effect with the git engine", "environment", request.Environment,
			"deploy-modules", !request.Modules.Skip, "modules", request.Modules.Only)
	}
}
