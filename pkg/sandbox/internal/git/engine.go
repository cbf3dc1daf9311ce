package git

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// Engine is an engine.Engine that deploys the branches of one repository. It
// installs no modules.
type Engine struct {
	remote Remote
	// dir is a folder for the engine alone.
	dir string
	// mirror is nil for a folder of this machine, which is read in place.
	mirror *mirror
	// basedir is only quoted: r10k names it when a source cannot be read.
	basedir string
}

// NewEngine returns an engine for a control repository. It works in the folder dir, which is emptied
// first; basedir is the directory of the environments, for messages. It reads nothing yet.
func NewEngine(remote Remote, dir, basedir string) (*Engine, error) {
	_ = os.RemoveAll(dir) // a git of a run that was killed may still write; the next start tries again
	e := &Engine{remote: remote, dir: dir, basedir: basedir}
	if !remote.folder {
		e.mirror = newMirror(remote, dir)
	}
	return e, os.MkdirAll(dir, 0o700)
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
	if err := repo.checkout(ctx, found.commit, request.Dir, e.dir); err != nil {
		return "", &engine.Failure{
			Output: fmt.Sprintf("ERROR\t -> Unable to check out branch '%s' at %s: %v\n", found.name, found.commit, err),
			Err:    err,
		}
	}
	e.logModules(request)
	return found.commit, nil
}

// environments reads the branches again, by the names of their environments, and returns the
// repository of their objects.
func (e *Engine) environments(ctx context.Context) (repository, map[string]branch, error) {
	repo, err := e.remote.repository(), error(nil)
	if e.mirror != nil {
		repo, err = e.mirror.fetch(ctx)
	}
	var found []branch
	if err == nil {
		found, err = repo.branches(ctx)
	}
	if err != nil {
		return repository{}, nil, unreadable(err, e.remote.String(), e.basedir)
	}
	if len(found) == 0 {
		repo.log.Warn("the control repository has no branches, so there are no environments", "repository", e.remote.String())
	}
	return repo, byEnvironment(found, repo.log), nil
}

// logModules logs what a server with r10k would have done in addition.
func (e *Engine) logModules(request engine.Request) {
	if _, err := os.Lstat(filepath.Join(request.Dir, "Puppetfile")); err == nil {
		e.remote.log.Info("modules of the Puppetfile are not installed by the git engine", "environment", request.Environment)
	}
	if request.Modules.Skip || len(request.Modules.Only) > 0 {
		e.remote.log.Info("limits on modules have no effect with the git engine", "environment", request.Environment,
			"deploy-modules", !request.Modules.Skip, "modules", request.Modules.Only)
	}
}
