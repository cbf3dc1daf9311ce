// Package gitwrite writes commits straight into a repository, without a work
// tree and without the git program.
package gitwrite

import (
	"errors"
	"sort"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// File is one entry of a tree that is no folder.
type File struct {
	Mode filemode.FileMode
	Hash plumbing.Hash
}

// Commit is one commit to write. Parent may be the zero hash.
type Commit struct {
	Branch, Message string
	Parent          plumbing.Hash
	Files           map[string]File
	When            time.Time
}

// Write stores the commit and moves its branch there.
func (c Commit) Write(repo *git.Repository) (plumbing.Hash, error) {
	tree, err := writeTree(repo, c.Files, "")
	if err != nil {
		return plumbing.ZeroHash, err
	}
	author := object.Signature{Name: "Code Manager sandbox", Email: "sandbox@localhost", When: c.When}
	commit := &object.Commit{Author: author, Committer: author, Message: c.Message + "\n", TreeHash: tree}
	if !c.Parent.IsZero() {
		commit.ParentHashes = []plumbing.Hash{c.Parent}
	}
	hash, err := Object(repo, commit)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	name := plumbing.NewBranchReferenceName(c.Branch)
	return hash, repo.Storer.SetReference(plumbing.NewHashReference(name, hash))
}

// Encoder is an object of Git that can be stored.
type Encoder interface {
	Encode(plumbing.EncodedObject) error
}

// Object stores a commit or a tree.
func Object(repo *git.Repository, value Encoder) (plumbing.Hash, error) {
	encoded := repo.Storer.NewEncodedObject()
	if err := value.Encode(encoded); err != nil {
		return plumbing.ZeroHash, err
	}
	return repo.Storer.SetEncodedObject(encoded)
}

// Blob stores the content of a file, or the target of a symbolic link.
func Blob(repo *git.Repository, text []byte) (plumbing.Hash, error) {
	encoded := repo.Storer.NewEncodedObject()
	encoded.SetType(plumbing.BlobObject)
	writer, err := encoded.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	_, err = writer.Write(text)
	if err := errors.Join(err, writer.Close()); err != nil {
		return plumbing.ZeroHash, err
	}
	return repo.Storer.SetEncodedObject(encoded)
}

// writeTree stores the trees for all files below a folder, "" or one that ends
// in a slash.
func writeTree(repo *git.Repository, files map[string]File, folder string) (plumbing.Hash, error) {
	entries := map[string]object.TreeEntry{}
	for path, file := range files {
		inside, ok := strings.CutPrefix(path, folder)
		if !ok {
			continue
		}
		name, _, nested := strings.Cut(inside, "/")
		if _, seen := entries[name]; seen {
			continue
		}
		entry := object.TreeEntry{Name: name, Mode: file.Mode, Hash: file.Hash}
		if nested {
			hash, err := writeTree(repo, files, folder+name+"/")
			if err != nil {
				return plumbing.ZeroHash, err
			}
			entry = object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: hash}
		}
		entries[name] = entry
	}
	tree := &object.Tree{}
	for _, entry := range entries {
		tree.Entries = append(tree.Entries, entry)
	}
	// Git wants trees in its own order, in which a folder ends in a slash.
	sort.Sort(object.TreeEntrySorter(tree.Entries))
	return Object(repo, tree)
}
