package r10k

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

// tree is the paths of a commit, with slashes.
type tree struct {
	// paths are files, links and submodules; folders all that is above them.
	paths, folders map[string]bool
}

func newTree(listing string) *tree {
	t := &tree{paths: map[string]bool{}, folders: map[string]bool{}}
	for name := range strings.SplitSeq(strings.TrimSuffix(listing, "\x00"), "\x00") {
		t.paths[name] = true
		for dir := path.Dir(name); dir != "." && !t.folders[dir]; dir = path.Dir(dir) {
			t.folders[dir] = true
		}
	}
	return t
}

// tracked lists the paths of a commit of the control repository. All caches are
// asked: another worker may have deployed it, and its branch was rewritten since.
func (s *session) tracked(ctx context.Context, dir, commit string) (*tree, error) {
	stores, err := filepath.Glob(filepath.Join(filepath.Dir(s.cache), "*", "git", "*", "objects"))
	if err != nil {
		return nil, err
	}
	git := program{path: "git", log: s.engine.log, inherited: s.engine.program.inherited, env: []string{
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=" + strings.Join(stores, string(os.PathListSeparator)),
	}}
	listed, err := git.run(ctx, "--git-dir", filepath.Join(dir, ".git"), "ls-tree", "-r", "-z", "--name-only", commit)
	if err != nil {
		return nil, err
	}
	if listed.code != 0 {
		return nil, errors.New(strings.TrimSpace(listed.stderr))
	}
	return newTree(string(listed.stdout)), nil
}

// carryOver copies to a new environment what the live one has beside its
// commit: modules, wherever the Puppetfile puts them. What is there already
// stays. All writes go through an os.Root: a link in the new commit must not
// lead them elsewhere.
func carryOver(live, dir string, commit *tree) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through the handle itself
	return filepath.WalkDir(live, func(source string, entry fs.DirEntry, err error) error {
		if err != nil || source == live {
			return err
		}
		name, err := filepath.Rel(live, source)
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(name)
		switch {
		case commit.folders[slashed] && entry.IsDir(), slashed == deployFile:
			return nil
		case !commit.paths[slashed]:
			err = carry(source, name, entry, root)
		}
		if err == nil && entry.IsDir() {
			return fs.SkipDir
		}
		return err
	})
}

// carry copies one module, or one file.
func carry(source, name string, entry fs.DirEntry, root *os.Root) error {
	if _, err := root.Lstat(name); err == nil {
		return nil
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("modules that are kept: %w", err)
	}
	switch {
	case entry.IsDir():
		if err := root.Mkdir(name, 0o755); err != nil {
			return err
		}
		inner, err := root.OpenRoot(name)
		if err != nil {
			return err
		}
		defer inner.Close() //nolint:errcheck // nothing is written through the handle itself
		return livedir.CopyTo(source, inner)
	case entry.Type() == fs.ModeSymlink:
		link, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return root.Symlink(link, name)
	default:
		return livedir.CopyFile(source, root, name)
	}
}
