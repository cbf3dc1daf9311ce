package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// fetchTimeout is the timeout of a real server.
const fetchTimeout = 30 * time.Second

// mirror is a bare copy of the branches of a remote. Each run of the sandbox makes a new one, so
// that an incomplete mirror of an earlier run does no harm.
type mirror struct {
	Remote
	// dir is the folder of the mirror; path is the copy in it, "" before the first fetch.
	dir, path string
	timeout   time.Duration
	// fetching is held during a fetch.
	fetching chan struct{}
}

func newMirror(remote Remote, dir string) *mirror {
	return &mirror{Remote: remote, dir: dir, timeout: fetchTimeout, fetching: make(chan struct{}, 1)}
}

// fetch updates the mirror from the remote, and returns it.
func (m *mirror) fetch(ctx context.Context) (repository, error) {
	select {
	case m.fetching <- struct{}{}:
		defer func() { <-m.fetching }()
	case <-ctx.Done():
		return repository{}, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, m.timeout, fmt.Errorf("%s did not answer within %s", m, m.timeout))
	defer cancel()
	if m.path == "" {
		return m.clone(ctx)
	}
	repo := repository{program: m.program, path: m.path}
	_, err := repo.run(ctx, nil, "fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-recurse-submodules",
		"--", m.address, "+refs/heads/*:refs/heads/*")
	if stopped := (*process.StoppedError)(nil); errors.As(err, &stopped) {
		// Its locks are still there, and others may read from it: a new one is next.
		m.path = ""
	}
	return repo, err
}

// clone makes the mirror. A clone takes over the hash function of the remote.
func (m *mirror) clone(ctx context.Context) (repository, error) {
	path, err := os.MkdirTemp(m.dir, "mirror-")
	if err != nil {
		return repository{}, err
	}
	path = filepath.Join(path, "repo.git")
	_, err = m.run(ctx, process.Command{Args: []string{"clone", "--quiet", "--bare", "--no-tags", "--template=", "--", m.address, path}})
	if err != nil {
		return repository{}, errors.Join(err, os.RemoveAll(filepath.Dir(path)))
	}
	m.path = path
	return repository{program: m.program, path: path}, nil
}
