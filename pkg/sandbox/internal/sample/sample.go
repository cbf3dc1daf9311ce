// Package sample has the sample control repository: it creates the repository, and deploys it on
// machines without git.
package sample

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gitobject"
)

// files holds a folder for each commit: the first of a repository in full, and
// what the others change.
//
//go:embed all:files
var files embed.FS

// ModuleRemote is the address of modules in the sample's Puppetfile. This server does not exist:
// r10k takes them from Modules instead.
const ModuleRemote = "https://git.example.com/puppet/"

// Modules is the folder with the repositories of the modules, for a sample at dir.
func Modules(dir string) string { return filepath.Join(filepath.Dir(dir), "modules") }

// commit is one commit of the sample: the changes in a folder, on top of another commit of the same
// repository.
type commit struct{ folder, parent, message, branch, tag string }

func controlCommits() []commit {
	return []commit{
		{folder: "production", branch: "production", message: "Roles and profiles for all servers"},
		{folder: "testing", parent: "production", branch: "testing", message: "Settings of the test systems, newer timesync"},
		{folder: "development", parent: "production", branch: "development", message: "Administrators from Hiera"},
		{folder: "feature", parent: "development", branch: "feature/with-slash", message: "A proxy before the web servers"},
	}
}

func moduleCommits() []commit {
	return []commit{
		{folder: "timesync", branch: "main", tag: "v1.0.0", message: "Keep the clock right with chrony"},
		{folder: "timesync-1.1.0", parent: "timesync", branch: "main", tag: "v1.1.0", message: "Restart chrony after a change"},
	}
}

// Create makes a bare repository in dir with the branches production, testing,
// development and feature/with-slash, and that of its module in Modules. Their
// commits are the same each time. Repositories that are there already are left
// alone.
func Create(dir string) error {
	for _, repo := range []struct {
		path, head string
		commits    []commit
	}{
		{dir, "production", controlCommits()},
		{filepath.Join(Modules(dir), "timesync.git"), "main", moduleCommits()},
	} {
		if gitobject.Exists(repo.path) {
			continue
		}
		if err := create(repo.path, repo.head, repo.commits); err != nil {
			return fmt.Errorf("sample repository %s: %w", repo.path, err)
		}
	}
	return nil
}

// create makes a repository elsewhere and moves it into place, so that it is never incomplete.
func create(path, head string, commits []commit) error {
	// Some systems put a folder instead of a file.
	if info, err := os.Lstat(path); err == nil && !info.IsDir() {
		return errors.New("there is a file of that name")
	}
	unfinished := path + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	repo, err := gitobject.Init(unfinished, head)
	if err != nil {
		return err
	}
	if _, err := write(repo, commits); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// tip is a commit with all its files.
type tip struct {
	hash  string
	files map[string]file
}

// file is the content of a file; scripts are executable.
type file struct {
	text []byte
	mode string
}

// write makes the commits, one an hour, and returns them by folder.
func write(repo gitobject.Repo, commits []commit) (map[string]tip, error) {
	made := map[string]tip{}
	when := time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC)
	for _, c := range commits {
		when = when.Add(time.Hour)
		merged, err := c.merge(made[c.parent].files)
		if err != nil {
			return nil, err
		}
		hash, err := c.write(repo, merged, made[c.parent].hash, when)
		if err != nil {
			return nil, fmt.Errorf("commit of %s: %w", c.folder, err)
		}
		made[c.folder] = tip{hash, merged}
	}
	return made, nil
}

// merge is the parent's files with the changes of the folder.
func (c commit) merge(parent map[string]file) (map[string]file, error) {
	merged := map[string]file{}
	maps.Copy(merged, parent)
	root := "files/" + c.folder
	err := fs.WalkDir(files, root, func(path string, found fs.DirEntry, err error) error {
		if err != nil || found.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		mode := gitobject.ModeFile
		if strings.HasSuffix(path, ".sh") {
			mode = gitobject.ModeExecutable
		}
		merged[strings.TrimPrefix(path, root+"/")] = file{text, mode}
		return err
	})
	return merged, err
}

// write stores the commit and moves its refs there.
func (c commit) write(repo gitobject.Repo, files map[string]file, parent string, when time.Time) (string, error) {
	var entries []gitobject.Entry
	for path, f := range files {
		blob, err := repo.Blob(f.text)
		if err != nil {
			return "", err
		}
		entries = append(entries, gitobject.Entry{Mode: f.mode, Name: path, Hash: blob})
	}
	tree, err := repo.Files(entries)
	if err != nil {
		return "", err
	}
	hash, err := repo.Commit(gitobject.Commit{Tree: tree, Parent: parent, Message: c.message, When: when})
	if err == nil && c.tag != "" {
		err = repo.SetRef("refs/tags/"+c.tag, hash)
	}
	if err != nil {
		return "", err
	}
	return hash, repo.SetRef("refs/heads/"+c.branch, hash)
}
