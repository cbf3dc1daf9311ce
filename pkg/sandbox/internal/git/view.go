package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// ForClone is the address for an engine that clones, such as r10k. For a folder whose branches are
// not its heads, that is a new repository in dir which borrows the objects, and refresh brings its
// branches up to date.
func (r Remote) ForClone(ctx context.Context, dir string) (address string, refresh func(context.Context) error, err error) {
	refresh = func(context.Context) error { return nil }
	if !r.folder {
		return r.address, refresh, nil
	}
	from, err := r.repository().storage(ctx)
	if err != nil {
		return "", nil, err
	}
	heads, err := r.repository().refs(ctx, "refs/heads/")
	switch {
	case err != nil:
		return "", nil, err
	case from.shallow:
		return "", nil, fmt.Errorf("%s is a shallow clone, which r10k cannot clone: fetch the whole history "+
			"(GitHub: fetch-depth: 0, GitLab: GIT_DEPTH: 0), or use --engine git", r)
	case r.head == "" && len(heads) > 0:
		return r.address, refresh, nil
	}
	_ = os.RemoveAll(dir) // of another run; git init copes with what is left
	_, err = r.run(ctx, process.Command{Args: []string{"init", "--quiet", "--bare", "--template=", "--object-format=" + from.format, dir}})
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, "objects", "info"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "objects", "info", "alternates"), []byte(from.objects+"\n"), 0o600)
	}
	var mu sync.Mutex
	refresh = func(ctx context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		return r.repository().copyBranches(ctx, dir)
	}
	return dir, refresh, errors.Join(err, refresh(ctx))
}

// copyBranches writes the branches into another repository, which has no others then, in one step.
func (r repository) copyBranches(ctx context.Context, dir string) error {
	found, err := r.branches(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b branch) int { return strings.Compare(a.name, b.name) })
	var refs strings.Builder
	refs.WriteString("# pack-refs with: sorted\n")
	for _, b := range found {
		fmt.Fprintf(&refs, "%s refs/heads/%s\n", b.commit, b.name)
	}
	path := filepath.Join(dir, "packed-refs")
	if err := os.WriteFile(path+".new", []byte(refs.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Refreshed is an engine that reads a repository of ForClone.
type Refreshed struct {
	engine.Engine
	Refresh func(context.Context) error
	// Remote and Basedir are for r10k's message that a source cannot be read.
	Remote  Remote
	Basedir string
}

// Environments brings the branches up to date first.
func (r Refreshed) Environments(ctx context.Context) ([]string, error) {
	if err := r.Refresh(ctx); err != nil {
		return nil, unreadable(err, r.Remote.String(), r.Basedir)
	}
	return r.Engine.Environments(ctx)
}

// Deploy brings the branches up to date first.
func (r Refreshed) Deploy(ctx context.Context, request engine.Request) (string, error) {
	if err := r.Refresh(ctx); err != nil {
		return "", unreadable(err, r.Remote.String(), r.Basedir)
	}
	return r.Engine.Deploy(ctx, request)
}
