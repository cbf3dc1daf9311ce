// Package gitobject writes commits directly into a bare repository, with only the standard library:
// no work tree, no index and no git program. It never reads, and writes the same objects as git.
package gitobject

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // the hash that Git names objects with
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Repo is the path of a bare repository. The empty Repo writes nothing: it only computes the
// hashes.
type Repo string

// Init makes an empty repository whose HEAD is a branch.
func Init(path, head string) (Repo, error) {
	for _, dir := range []string{"objects", "refs/heads", "refs/tags", "hooks"} {
		if err := os.MkdirAll(filepath.Join(path, filepath.FromSlash(dir)), 0o755); err != nil { //nolint:gosec // others may read it
			return "", err
		}
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
	err := os.WriteFile(filepath.Join(path, "config"), []byte(config), 0o644) //nolint:gosec // others may read it
	if err == nil {
		// Last, because this file makes the folder a repository.
		err = os.WriteFile(filepath.Join(path, "HEAD"), []byte("ref: refs/heads/"+head+"\n"), 0o644) //nolint:gosec // others may read it
	}
	return Repo(path), err
}

// Exists reports whether there is a repository at path.
func Exists(path string) bool {
	_, err := os.Stat(filepath.Join(path, "HEAD"))
	return err == nil
}

// The modes of tree entries.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeLink       = "120000"
	ModeTree       = "40000"
	ModeSubmodule  = "160000"
)

// Entry is one entry of a tree: a file, a link, a submodule or another tree.
type Entry struct {
	Mode, Name, Hash string
}

// Blob stores the content of a file, or the target of a symbolic link.
func (r Repo) Blob(content []byte) (string, error) { return r.object("blob", content) }

// Tree stores entries in the order given, also one that Git would refuse.
func (r Repo) Tree(entries []Entry) (string, error) {
	var text bytes.Buffer
	for _, entry := range entries {
		name, err := hex.DecodeString(entry.Hash)
		if err != nil {
			return "", fmt.Errorf("the object name of %s: %w", entry.Name, err)
		}
		fmt.Fprintf(&text, "%s %s\x00%s", entry.Mode, entry.Name, name)
	}
	return r.object("tree", text.Bytes())
}

// Files stores the trees for files: entries whose Name is a path with slashes.
func (r Repo) Files(files []Entry) (string, error) {
	inside := map[string][]Entry{}
	var entries []Entry
	for _, file := range files {
		folder, rest, nested := strings.Cut(file.Name, "/")
		if !nested {
			entries = append(entries, file)
			continue
		}
		file.Name = rest
		inside[folder] = append(inside[folder], file)
	}
	for folder, below := range inside {
		hash, err := r.Files(below)
		if err != nil {
			return "", err
		}
		entries = append(entries, Entry{Mode: ModeTree, Name: folder, Hash: hash})
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	return r.Tree(entries)
}

// sortKey is the name for Git's sort order: the name of a tree ends in a slash.
func (e Entry) sortKey() string {
	if e.Mode == ModeTree {
		return e.Name + "/"
	}
	return e.Name
}

// Commit is one commit to write. Parent may be empty.
type Commit struct {
	Tree, Parent, Message string
	When                  time.Time
}

// Commit stores a commit by the sandbox.
func (r Repo) Commit(c Commit) (string, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "tree %s\n", c.Tree)
	if c.Parent != "" {
		fmt.Fprintf(&text, "parent %s\n", c.Parent)
	}
	for _, role := range []string{"author", "committer"} {
		fmt.Fprintf(&text, "%s Code Manager sandbox <sandbox@localhost> %d +0000\n", role, c.When.Unix())
	}
	fmt.Fprintf(&text, "\n%s\n", c.Message)
	return r.object("commit", []byte(text.String()))
}

// SetRef makes a ref such as refs/heads/production, or moves it, in one step.
func (r Repo) SetRef(ref, hash string) error {
	if r == "" {
		return nil
	}
	return r.replace(filepath.Join(string(r), filepath.FromSlash(ref)), []byte(hash+"\n"), 0o644)
}

// writers are used again, because each has most of a megabyte.
var writers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// object stores an object as a loose one and returns its name.
func (r Repo) object(kind string, content []byte) (string, error) {
	whole := append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...)
	sum := sha1.Sum(whole) //nolint:gosec // the hash that Git names objects with
	name := hex.EncodeToString(sum[:])
	if r == "" {
		return name, nil
	}
	path := filepath.Join(string(r), "objects", name[:2], name[2:])
	if _, err := os.Stat(path); err == nil {
		return name, nil
	}
	var packed bytes.Buffer
	writer := writers.Get().(*zlib.Writer)
	defer writers.Put(writer)
	writer.Reset(&packed)
	_, err := writer.Write(whole)
	if err := errors.Join(err, writer.Close()); err != nil {
		return "", err
	}
	return name, r.replace(path, packed.Bytes(), 0o444)
}

// replace writes a file elsewhere in the repository and moves it into place.
func (r Repo) replace(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // others may read it
		return err
	}
	file, err := os.CreateTemp(string(r), "new-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is gone once it is in place
	_, err = file.Write(content)
	if err := errors.Join(err, file.Chmod(mode), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
