package sample

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
)

// Engine is an engine.Engine that deploys the sample without a repository: its files are part of
// the program. Without git, nobody can push to the sample.
type Engine struct {
	environments map[string]tip
	log          *slog.Logger
}

// NewEngine returns the engine.
func NewEngine(log *slog.Logger) (*Engine, error) {
	commits := controlCommits()
	made, err := write("", commits)
	if err != nil {
		return nil, err
	}
	e := &Engine{environments: map[string]tip{}, log: log}
	for _, c := range commits {
		e.environments[codemanager.EnvironmentName(c.branch)] = made[c.folder]
	}
	return e, nil
}

// Environments lists the environments of the sample.
func (e *Engine) Environments(ctx context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(e.environments)), ctx.Err()
}

// Deploy writes one environment, as the git engine does.
func (e *Engine) Deploy(ctx context.Context, request engine.Request) (string, error) {
	found, ok := e.environments[request.Environment]
	if !ok {
		return "", engine.Missing(request.Environment)
	}
	for path, f := range found.files {
		if err := errors.Join(ctx.Err(), f.write(filepath.Join(request.Dir, filepath.FromSlash(path)))); err != nil {
			return "", err
		}
	}
	e.log.Info("modules of the Puppetfile are not installed without r10k", "environment", request.Environment)
	return found.hash, nil
}

func (f file) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // Puppet reads it as another user
		return err
	}
	perm := os.FileMode(0o644)
	if f.mode == gitobject.ModeExecutable {
		perm = 0o755
	}
	return os.WriteFile(path, f.text, perm)
}
