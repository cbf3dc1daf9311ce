// Package live owns the environments that are live on the primary. An environment is staged beside
// the live one and moved into place by a rename, so that nobody reads a half-written environment. A
// Store knows which environments it has published, even after the sandbox was killed.
package live

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// The folders beside an environment: .NAME.sandbox-new-NUMBER is staged, .NAME.sandbox-old was live
// before. The old one stays until the next deployment of the environment, so that a program that is
// reading it can finish. Staged ones have new names each time, because a git of a run that was
// killed may still write.
const (
	stagedMark = ".sandbox-new-"
	oldMark    = ".sandbox-old"
)

// Store is the directory of live environments with their records.
type Store struct {
	dir, state string
	now        func() time.Time

	// published is replaced with every change, so that readers do not wait for the disk.
	published atomic.Pointer[Published]
	// mu is held while the live environments change.
	mu sync.Mutex
}

// Open makes dir, the directory of the environments, puts in order what a killed run left there,
// and reads the records of the published environments from the file state, if that is not "". now
// is the clock for the dates of publications.
func Open(dir, state string, now func() time.Time) (*Store, error) {
	// The user that compiles catalogs must be able to read it.
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // see above
		return nil, err
	}
	s := &Store{dir: dir, state: state, now: now}
	loaded, err := s.load()
	if err != nil {
		return nil, err
	}
	s.published.Store(&loaded)
	// The staged folders have decided between two records.
	if err := s.save(loaded.Environments); err != nil {
		return nil, err
	}
	_ = s.Close() // what cannot be deleted does no harm
	return s, nil
}

// Dir is the directory of the environments.
func (s *Store) Dir() string { return s.dir }

// Published returns the live environments.
func (s *Store) Published() Published { return *s.published.Load() }

func (s *Store) live(name string) string { return filepath.Join(s.dir, name) }
func (s *Store) old(name string) string  { return filepath.Join(s.dir, "."+name+oldMark) }

// Staged is an environment that is not published yet. Whoever stages it removes Dir in the end.
type Staged struct {
	Name string
	// Dir is the directory to fill. It is empty at first.
	Dir string
}

// Stage makes an empty directory for an environment. Only one is staged at a time for each name.
func (s *Store) Stage(name string) (Staged, error) {
	if err := os.RemoveAll(s.old(name)); err != nil {
		return Staged{}, err
	}
	dir, err := os.MkdirTemp(s.dir, "."+name+stagedMark)
	if err != nil {
		return Staged{}, err
	}
	return Staged{name, dir}, os.Chmod(dir, 0o755) //nolint:gosec // it goes live like this
}

// Publish replaces the live environment with the staged one, and records it. It returns the record,
// and all live environments. For a moment between two renames nothing is live.
func (s *Store) Publish(staged Staged, signature string) (Environment, Published, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.Published()
	record := Environment{
		Name: staged.Name, Signature: signature, Revision: before.Revision + 1, Date: s.now(), Staged: filepath.Base(staged.Dir),
	}
	// Saved in advance, in addition to the old record: see load.
	err := s.save(append(slices.Clip(before.Environments), record))
	if err == nil {
		err = s.replace(staged)
	}
	if err != nil {
		return Environment{}, before, errors.Join(err, s.save(before.Environments))
	}
	next := before.with(record)
	s.published.Store(&next)
	return record, next, nil
}

// replace moves the live environment away, if there is one, and the staged one into its place.
func (s *Store) replace(staged Staged) error {
	live, old := s.live(staged.Name), s.old(staged.Name)
	err := rename.To(live, old)
	first := errors.Is(err, fs.ErrNotExist)
	if err != nil && !first {
		return err
	}
	err = rename.To(staged.Dir, live)
	if err != nil && !first {
		err = errors.Join(err, rename.To(old, live))
	}
	return err
}

// Remove removes an environment that this store has published, at revision upTo or before. It
// leaves other folders alone. It reports whether there was an environment to remove.
func (s *Store) Remove(name string, upTo int64) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, found := s.Published().find(name)
	if !found || record.Revision > upTo {
		return false, nil
	}
	if err := os.RemoveAll(s.old(name)); err != nil {
		return false, err
	}
	if err := rename.To(s.live(name), s.old(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	next := s.Published().without(name)
	s.published.Store(&next)
	return true, s.save(next.Environments)
}

// Close deletes everything beside the environments.
func (s *Store) Close() error {
	var errs []error
	for _, mark := range []string{stagedMark, oldMark} {
		folders, err := s.beside("*", mark)
		errs = append(errs, err)
		for _, folder := range folders {
			errs = append(errs, os.RemoveAll(folder))
		}
	}
	return errors.Join(errs...)
}

// beside lists the folders beside an environment that have this mark. "*" is every environment.
func (s *Store) beside(name, mark string) ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	var found []string
	for _, entry := range entries {
		if matches, _ := filepath.Match("."+name+mark+"*", entry.Name()); matches {
			found = append(found, filepath.Join(s.dir, entry.Name()))
		}
	}
	return found, err
}
