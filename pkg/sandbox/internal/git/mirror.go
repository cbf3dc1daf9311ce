package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// mirror is a bare copy of the branches of a remote. Each run of the sandbox
// makes its own: what another run left half written is nobody's concern.
type mirror struct {
	program
	// dir is a folder of the mirror's own; path the copy in it, "" before there is one.
	dir, path string
	url       string
}

func newMirror(git program, url, dir string) (*mirror, error) {
	_ = os.RemoveAll(dir) // a git of a run that was killed may still write; the next start tries again
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &mirror{program: git, dir: dir, url: url}, nil
}

// fetch makes the mirror what the remote is now, and returns it. There must be
// one caller at a time.
func (m *mirror) fetch(ctx context.Context) (repository, error) {
	if m.path == "" {
		return m.clone(ctx)
	}
	repo := m.in(m.path)
	_, err := repo.run(ctx, nil, nil, "fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-recurse-submodules",
		"--", m.url, "+refs/heads/*:refs/heads/*")
	if stopped := (*process.StoppedError)(nil); errors.As(err, &stopped) {
		// Its locks are still there, and others may read from it: a new one is next.
		m.path = ""
	}
	return repo, err
}

// clone makes the mirror. A clone knows the hash function of the remote.
func (m *mirror) clone(ctx context.Context) (repository, error) {
	path, err := os.MkdirTemp(m.dir, "mirror-")
	if err != nil {
		return repository{}, err
	}
	path = filepath.Join(path, "repo.git")
	_, err = m.run(ctx, process.Command{Args: []string{"clone", "--quiet", "--bare", "--no-tags", "--template=", "--", m.url, path}})
	if err != nil {
		return repository{}, errors.Join(err, os.RemoveAll(filepath.Dir(path)))
	}
	m.path = path
	return m.in(path), nil
}
