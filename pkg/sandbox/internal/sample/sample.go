// Package sample makes a control repository to try things with.
package sample

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitwrite"
)

// files holds a folder for each branch: production in full, and what the
// others change.
//
//go:embed all:files
var files embed.FS

// branches says how the repository comes to be, one commit after the other.
func branches() []commit {
	return []commit{
		{branch: "production", folder: "production", message: "Roles and profiles for all servers"},
		{branch: "testing", folder: "testing", parent: "production", message: "Settings of the test systems, newer ntp"},
		{branch: "development", folder: "development", parent: "production", message: "Administrators from Hiera"},
		{branch: "feature/with-slash", folder: "feature", parent: "development", message: "A proxy before the web servers"},
	}
}

// Create makes a bare repository in dir with the branches production, testing,
// development and feature/with-slash. Its commits are the same each time.
func Create(dir string) error {
	repo, err := git.PlainInit(dir, true)
	if err != nil {
		return fmt.Errorf("sample control repository: %w", err)
	}
	made := map[string]tip{}
	when := time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC)
	for _, c := range branches() {
		when = when.Add(time.Hour)
		made[c.branch], err = c.write(repo, made[c.parent], when)
		if err != nil {
			return fmt.Errorf("sample control repository: branch %s: %w", c.branch, err)
		}
	}
	head := plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.NewBranchReferenceName("production"))
	return repo.Storer.SetReference(head)
}

// Exists reports whether dir holds a repository already.
func Exists(dir string) bool {
	_, err := git.PlainOpen(dir)
	return !errors.Is(err, git.ErrRepositoryNotExists)
}

// commit is one commit at the top of a branch, on top of another branch.
type commit struct {
	branch, folder, parent, message string
}

// tip is the top of a branch: its commit and all its files.
type tip struct {
	hash  plumbing.Hash
	files map[string]gitwrite.File
}

func (c commit) write(repo *git.Repository, parent tip, when time.Time) (tip, error) {
	merged := maps.Clone(parent.files)
	if merged == nil {
		merged = map[string]gitwrite.File{}
	}
	if err := c.addFiles(repo, merged); err != nil {
		return tip{}, err
	}
	hash, err := gitwrite.Commit{
		Branch: c.branch, Message: c.message, Parent: parent.hash, Files: merged, When: when,
	}.Write(repo)
	return tip{hash: hash, files: merged}, err
}

// addFiles stores the files of the commit's folder.
func (c commit) addFiles(repo *git.Repository, into map[string]gitwrite.File) error {
	root := "files/" + c.folder
	return fs.WalkDir(files, root, func(path string, found fs.DirEntry, err error) error {
		if err != nil || found.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		blob, err := gitwrite.Blob(repo, text)
		if err != nil {
			return err
		}
		mode := filemode.Regular
		if strings.HasSuffix(path, ".sh") {
			mode = filemode.Executable
		}
		into[strings.TrimPrefix(path, root+"/")] = gitwrite.File{Hash: blob, Mode: mode}
		return nil
	})
}
