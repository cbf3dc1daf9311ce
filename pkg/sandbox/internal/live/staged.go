package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// Staged is an environment that is not published yet.
type Staged struct {
	// Name is the environment. Dir is the directory to fill: empty at first, its
	// last element is Name, and it is alone in its parent.
	Name, Dir string

	store *Store
	// outer is the parent of Dir.
	outer     string
	published bool
}

// CollisionError is an environment whose name the file system does not distinguish from another
// one.
type CollisionError struct{ Name, Other string }

func (e *CollisionError) Error() string {
	return fmt.Sprintf("Environment '%s' cannot be deployed next to '%s': this file system does not distinguish upper and lower case, "+
		"so both would be one folder. Rename one of the branches.", e.Name, e.Other)
}

// Stage makes an empty directory for an environment, out of sight. A name that
// differs from that of another environment only in ways that the file system
// ignores is a *CollisionError.
func (s *Store) Stage(name string) (*Staged, error) {
	if !filepath.IsLocal(name) || name != filepath.Base(name) || name == "." {
		return nil, unfit(name) // Windows has no folder aux
	}
	if err := s.claim(name); err != nil {
		return nil, err
	}
	outer, err := os.MkdirTemp(s.staging, "new-")
	if err != nil {
		s.release(name)
		return nil, err
	}
	staged := &Staged{Name: name, Dir: filepath.Join(outer, name), store: s, outer: outer}
	if err := staged.makeDir(); err != nil {
		return nil, errors.Join(err, staged.Discard())
	}
	return staged, nil
}

// makeDir makes the directory and checks that the file system kept its name: some reserve names
// (aux), remove trailing dots, or normalise letters.
func (s *Staged) makeDir() error {
	err := os.Mkdir(s.Dir, 0o755) //nolint:gosec // it goes live like this
	if err == nil {
		var kept []os.DirEntry
		kept, err = os.ReadDir(s.outer)
		if err == nil && (len(kept) != 1 || kept[0].Name() != s.Name || !kept[0].IsDir()) {
			err = fs.ErrInvalid
		}
	}
	if errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrExist) {
		return unfit(s.Name)
	}
	return err
}

func unfit(name string) error {
	return fmt.Errorf("this system cannot have a folder with the name %q: rename the branch", name)
}

func (s *Store) claim(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.fold(name)
	if owner, taken := s.owners[key]; taken && owner != name {
		return &CollisionError{Name: name, Other: owner}
	}
	s.owners[key] = name
	return nil
}

// release frees a name, unless it is published.
func (s *Store) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.Published().find(name); !found {
		delete(s.owners, s.fold(name))
	}
}

// Discard deletes the staged files. It does nothing after Publish.
func (s *Staged) Discard() error {
	if s.published {
		return nil
	}
	s.store.release(s.Name)
	return os.RemoveAll(s.outer)
}

// Publish replaces the live environment with the staged one, and records it. It returns the record,
// and all live environments.
func (s *Store) Publish(staged *Staged, signature string) (Environment, Published, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := Environment{Name: staged.Name, Signature: signature, Revision: s.Published().Revision + 1, Date: s.now()}
	if err := staged.mark(&record); err != nil {
		return Environment{}, Published{}, err
	}
	// Saved in advance, in addition to the old record. If the sandbox is killed in between, the
	// modification time of the directory shows which record is true.
	if err := s.save(append(slices.Clip(s.Published().Environments), record)); err != nil {
		return Environment{}, Published{}, err
	}
	if err := replace(staged.Dir, filepath.Join(s.dir, staged.Name)); err != nil {
		return Environment{}, Published{}, err
	}
	staged.published = true
	s.setAside(staged.outer)
	next := s.Published().with(record)
	s.published.Store(&next)
	return record, next, nil
}

// mark gives the directory the date of its publication as modification time, and
// records it as the file system kept it.
func (s *Staged) mark(record *Environment) error {
	if err := os.Chtimes(s.Dir, record.Date, record.Date); err != nil {
		return err
	}
	info, err := os.Stat(s.Dir)
	if err != nil {
		return err
	}
	record.Modified = info.ModTime()
	return nil
}

// replace swaps the directories staged and live. If the system can exchange two names, this is one
// step; otherwise there is a moment in which nothing is live.
func replace(staged, live string) error {
	if _, err := os.Lstat(live); errors.Is(err, fs.ErrNotExist) {
		return rename.To(staged, live)
	}
	err := exchange(staged, live)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	old := staged + ".old"
	if err := rename.To(live, old); err != nil {
		return err
	}
	if err := rename.To(staged, live); err != nil {
		return errors.Join(err, os.Rename(old, live))
	}
	return nil
}
