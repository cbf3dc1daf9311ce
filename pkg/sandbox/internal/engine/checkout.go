package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// maxLink is the longest target of a symbolic link that systems take.
const maxLink = 4096

// checkout writes the tree of a commit into a directory, and nothing else: no
// .git, no index. All writes go through an os.Root and none opens what exists,
// so a tree made to escape (a link and a directory of one name) fails.
type checkout struct {
	ctx  context.Context
	repo *git.Repository
	root *os.Root
	log  *slog.Logger
	// puppetfile is set when the tree has a Puppetfile at the top.
	puppetfile bool
}

// commit fills dir, which must be empty.
func (c *checkout) commit(hash plumbing.Hash, dir string) error {
	commit, err := c.repo.CommitObject(hash)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through the handle itself
	c.root = root
	return c.tree(commit.TreeHash, "")
}

func (c *checkout) tree(hash plumbing.Hash, dir string) error {
	tree, err := object.GetTree(c.repo.Storer, hash)
	if err != nil {
		return fmt.Errorf("tree %s of %q: %w", hash, dir, err)
	}
	for _, entry := range tree.Entries {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := checkEntry(entry.Name); err != nil {
			return fmt.Errorf("in %q: %w", dir, err)
		}
		if err := c.entry(entry, path.Join(dir, entry.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *checkout) entry(entry object.TreeEntry, name string) error {
	switch entry.Mode {
	case filemode.Dir:
		if err := c.root.Mkdir(filepath.FromSlash(name), 0o755); err != nil {
			return err
		}
		return c.tree(entry.Hash, name)
	case filemode.Regular, filemode.Deprecated:
		c.puppetfile = c.puppetfile || name == "Puppetfile"
		return c.file(entry.Hash, name, 0o644)
	case filemode.Executable:
		return c.file(entry.Hash, name, 0o755)
	case filemode.Symlink:
		return c.link(entry.Hash, name)
	case filemode.Submodule:
		// git archive leaves an empty directory, too.
		c.log.Warn("submodule ignored", "path", name)
		return c.root.Mkdir(filepath.FromSlash(name), 0o755)
	default:
		return fmt.Errorf("%q has the unknown mode %s", name, entry.Mode)
	}
}

func (c *checkout) file(hash plumbing.Hash, name string, perm os.FileMode) (err error) {
	blob, err := c.blob(hash, name)
	if err != nil {
		return err
	}
	defer blob.Close()
	file, err := c.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := io.Copy(file, blob); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

// link writes a symbolic link as it stands, wherever it points: the sandbox
// itself never follows one.
func (c *checkout) link(hash plumbing.Hash, name string) error {
	blob, err := c.blob(hash, name)
	if err != nil {
		return err
	}
	defer blob.Close()
	target, err := io.ReadAll(io.LimitReader(blob, maxLink+1))
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if len(target) == 0 || len(target) > maxLink || strings.ContainsRune(string(target), 0) {
		return fmt.Errorf("%q is a symbolic link without a usable target", name)
	}
	return c.root.Symlink(string(target), filepath.FromSlash(name))
}

func (c *checkout) blob(hash plumbing.Hash, name string) (io.ReadCloser, error) {
	blob, err := object.GetBlob(c.repo.Storer, hash)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	reader, err := blob.Reader()
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return reader, nil
}

// checkEntry refuses names that git itself refuses to check out, among them
// the disguises of .git on file systems that ignore case or trailing dots.
func checkEntry(name string) error {
	plain := strings.TrimRight(strings.ToLower(name), ". ")
	switch {
	case name == "" || name == "." || name == "..",
		plain == ".git" || plain == "git~1",
		strings.ContainsAny(name, "/\x00"),
		filepath.Separator != '/' && strings.ContainsAny(name, `\:`):
		return fmt.Errorf("the entry name %q is not allowed in an environment", name)
	}
	return nil
}
