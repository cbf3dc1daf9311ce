package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// maxLink is the longest target of a symbolic link that systems take.
const maxLink = 4096

// checkout writes only the tree of a commit into a directory: no .git, no index. All writes go
// through an os.Root, all folders are made before the first link, and no write opens an existing
// file. So a malicious tree (a link and a directory of the same name) fails.
type checkout struct {
	repo repository
	root *os.Root
	log  *slog.Logger
	// puppetfile is set when the tree has a Puppetfile at the top.
	puppetfile bool
}

// entry is one file, link or submodule of a commit.
type entry struct{ mode, object, name string }

// commit fills dir, which must be empty.
func (c *checkout) commit(ctx context.Context, commit, dir string) error {
	entries, err := c.repo.entries(ctx, commit)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through the handle itself
	c.root = root
	var contents []entry
	for _, e := range entries {
		if err := c.prepare(e); err != nil {
			return err
		}
		if e.mode != gitobject.ModeSubmodule {
			contents = append(contents, e)
		}
	}
	return c.writeAll(ctx, contents)
}

// entries lists all paths of a commit.
func (r repository) entries(ctx context.Context, commit string) ([]entry, error) {
	out := process.Buffer{Limit: maxListing}
	if _, err := r.run(ctx, nil, &out, "ls-tree", "-r", "-z", "--full-tree", commit); err != nil {
		return nil, err
	}
	var entries []entry
	for line := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\x00"), "\x00") {
		// MODE TYPE OBJECT<tab>PATH; an empty tree has one empty line.
		about, name, found := strings.Cut(line, "\t")
		if fields := strings.Fields(about); found && len(fields) == 3 {
			entries = append(entries, entry{mode: fields[0], object: fields[2], name: name})
		}
	}
	return entries, nil
}

// prepare checks an entry and makes the folders above it.
func (c *checkout) prepare(e entry) error {
	for _, part := range strings.Split(e.name, "/") {
		if err := checkName(part); err != nil {
			return fmt.Errorf("%q: %w", e.name, err)
		}
	}
	c.puppetfile = c.puppetfile || e.name == "Puppetfile"
	if e.mode == gitobject.ModeSubmodule {
		// r10k leaves an empty directory, too.
		c.log.Warn("submodule ignored", "path", e.name)
		return c.root.MkdirAll(filepath.FromSlash(e.name), 0o755)
	}
	return c.root.MkdirAll(filepath.FromSlash(path.Dir(e.name)), 0o755)
}

// writeAll makes git print all contents, one after the other, and writes them.
func (c *checkout) writeAll(ctx context.Context, entries []entry) error {
	var objects strings.Builder
	for _, e := range entries {
		objects.WriteString(e.object + "\n")
	}
	contents, printed := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := c.repo.run(ctx, strings.NewReader(objects.String()), printed, "cat-file", "--batch")
		printed.CloseWithError(err) // nil is the end of the file
		ended <- err
	}()
	err := c.writeFrom(bufio.NewReader(contents), entries)
	_ = contents.CloseWithError(err) // git stops if nobody reads; this returns no error
	if ran := <-ended; err == nil {
		err = ran
	}
	return err
}

func (c *checkout) writeFrom(contents *bufio.Reader, entries []entry) error {
	for _, e := range entries {
		header, err := contents.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%q: %w", e.name, err)
		}
		var kind string
		var size int64
		if _, err := fmt.Sscanf(header, e.object+" %s %d\n", &kind, &size); err != nil || kind != "blob" {
			return fmt.Errorf("%q: the repository lacks its content: %s", e.name, strings.TrimSpace(header))
		}
		if err := c.write(e, io.LimitReader(contents, size)); err != nil {
			return err
		}
		if _, err := contents.Discard(1); err != nil {
			return fmt.Errorf("%q: %w", e.name, err)
		}
	}
	return nil
}

func (c *checkout) write(e entry, content io.Reader) error {
	var err error
	switch e.mode {
	case gitobject.ModeFile, "100664": // the first versions of Git wrote 100664
		err = c.file(e.name, content, 0o644)
	case gitobject.ModeExecutable:
		err = c.file(e.name, content, 0o755)
	case gitobject.ModeLink:
		err = c.link(e.name, content)
	default:
		err = fmt.Errorf("%q has the unknown mode %s", e.name, e.mode)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q and another file of this commit have the same name for this file system, which ignores upper and lower case or forms of letters", e.name)
	}
	return err
}

func (c *checkout) file(name string, content io.Reader, perm os.FileMode) (err error) {
	file, err := c.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := io.Copy(file, content); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

// link writes a symbolic link unchanged, wherever it points: the sandbox itself never follows
// links.
func (c *checkout) link(name string, content io.Reader) error {
	target, err := io.ReadAll(io.LimitReader(content, maxLink+1))
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if len(target) == 0 || len(target) > maxLink || strings.ContainsRune(string(target), 0) {
		return fmt.Errorf("%q is a symbolic link without a usable target", name)
	}
	err = c.root.Symlink(string(target), filepath.FromSlash(name))
	if err != nil && runtime.GOOS == "windows" {
		return fmt.Errorf("%q is a symbolic link: on Windows, only administrators can create it, unless Developer Mode is on: %w", name, err)
	}
	return err
}

// checkName refuses names that git itself refuses to check out, among them the
// disguises of .git on file systems that ignore case or trailing dots.
func checkName(name string) error {
	plain := strings.TrimRight(strings.ToLower(name), ". ")
	switch {
	case name == "" || name == "." || name == "..",
		plain == ".git" || plain == "git~1",
		filepath.Separator != '/' && strings.ContainsAny(name, `\:`):
		return fmt.Errorf("the entry name %q is not allowed in an environment", name)
	}
	return nil
}
