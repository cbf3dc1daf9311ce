package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// checkout writes the files of a commit into dir, which is empty, as a clone would have them. Git
// gets a new repository below scratch for it that borrows the objects, so that no setting of the
// repository counts and nothing but the files comes into dir. Filters would run programs: its own
// attributes turn them off, for they have the last word.
func (r repository) checkout(ctx context.Context, commit, dir, scratch string) (err error) {
	from, err := r.storage(ctx)
	if err != nil {
		return err
	}
	scratch, err = os.MkdirTemp(scratch, "checkout-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	attributes := filepath.Join(scratch, ".git", "info", "attributes")
	git := func(args ...string) error {
		_, err := r.program.run(ctx, process.Command{Args: args, Env: []string{
			"GIT_DIR=" + filepath.Join(scratch, ".git"), "GIT_WORK_TREE=" + dir, "GIT_OBJECT_DIRECTORY=" + from.objects,
		}})
		return err
	}
	if err := git("init", "--quiet", "--template=", "--object-format="+from.format); err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(attributes), 0o700), os.WriteFile(attributes, []byte("* -filter\n"), 0o600)); err != nil {
		return err
	}
	if err := git("-C", dir, "read-tree", commit); err != nil {
		return err
	}
	return git("-C", dir, "checkout-index", "--all")
}
