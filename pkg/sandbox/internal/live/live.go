// Package live owns the environments that are live on the primary. An environment is staged
// elsewhere and moved into place by a rename, so that nobody reads a half-written environment. A
// Store knows which environments it has published, even after the sandbox was killed.
package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// Options are the paths and the clock of a Store.
type Options struct {
	// Dir is the directory of the environments, CODEDIR/environments.
	Dir string
	// Staging are folders to stage in. The first from which a rename to Dir
	// works is used: renames do not cross file systems.
	Staging []string
	// State is the file that keeps the records for the next run; empty keeps
	// nothing.
	State string
	// Now is the clock for the dates of publications.
	Now func() time.Time
}

// Store is the directory of live environments with their records.
type Store struct {
	dir, staging, state string
	now                 func() time.Time
	// fold makes names equal that the file system does not distinguish.
	fold func(name string) string

	// published is replaced with every change, so that readers do not wait for the disk.
	published atomic.Pointer[Published]

	// mu is held while the live environments change.
	mu sync.Mutex
	// owners are the environments that are staged or published, by folded name.
	owners   map[string]string
	replaced []replacedFolder
}

// replacedFolder holds an environment that was live until a moment ago. It is deleted with the
// first change after its grace, so that a program that is listing one of its directories can
// finish.
type replacedFolder struct {
	path  string
	since time.Time
}

const grace = time.Second

// Open makes the directories, deletes the staged files of a killed run, and reads the records of
// the published environments.
func Open(options Options) (*Store, error) {
	// The user that compiles catalogs must be able to read it.
	if err := os.MkdirAll(options.Dir, 0o755); err != nil { //nolint:gosec // see above
		return nil, err
	}
	s := &Store{
		dir: options.Dir, state: options.State, now: options.Now, owners: map[string]string{},
	}
	if err := s.chooseStaging(options.Staging); err != nil {
		return nil, err
	}
	loaded, err := s.load()
	if err != nil {
		return nil, err
	}
	s.published.Store(&loaded)
	for _, environment := range loaded.Environments {
		s.owners[s.fold(environment.Name)] = environment.Name
	}
	return s, nil
}

func (s *Store) chooseStaging(folders []string) error {
	var errs []error
	for _, folder := range folders {
		s.staging = folder
		err := s.prepareStaging()
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return fmt.Errorf("no staging folder for %s: %w", s.dir, errors.Join(errs...))
}

// prepareStaging empties the staging folder and tries the file system: whether a
// rename out of the folder works, and whether upper and lower case differ.
func (s *Store) prepareStaging() error {
	// New folders get new names, so that old ones that cannot be deleted do no harm.
	_ = os.RemoveAll(s.staging)
	if err := os.MkdirAll(s.staging, 0o700); err != nil {
		return err
	}
	probe, err := os.MkdirTemp(s.staging, "probe-")
	if err != nil {
		return err
	}
	target := filepath.Join(s.dir, "."+filepath.Base(probe))
	if err := os.Rename(probe, target); err != nil {
		return errors.Join(err, os.RemoveAll(s.staging))
	}
	s.fold = func(name string) string { return name }
	if _, err := os.Lstat(filepath.Join(s.dir, strings.ToUpper(filepath.Base(target)))); err == nil {
		s.fold = strings.ToLower
	}
	return os.Remove(target)
}

// Dir is the directory of the environments.
func (s *Store) Dir() string { return s.dir }

// Published returns the live environments.
func (s *Store) Published() Published { return *s.published.Load() }

// Remove removes an environment that this store has published, at revision upTo or before. It
// leaves other folders alone. It reports whether there was an environment to remove.
func (s *Store) Remove(name string, upTo int64) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, found := s.Published().find(name)
	if !found || record.Revision > upTo {
		return false, nil
	}
	outer, err := os.MkdirTemp(s.staging, "old-")
	if err != nil {
		return false, err
	}
	err = rename.To(filepath.Join(s.dir, name), filepath.Join(outer, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, errors.Join(err, os.Remove(outer))
	}
	s.setAside(outer)
	delete(s.owners, s.fold(name))
	next := s.Published().without(name)
	s.published.Store(&next)
	return true, s.save(next.Environments)
}

// setAside keeps the folder of a replaced environment, and deletes those whose grace is over. The
// caller holds the lock.
func (s *Store) setAside(outer string) {
	now := time.Now()
	s.replaced = slices.DeleteFunc(s.replaced, func(r replacedFolder) bool {
		over := now.Sub(r.since) > grace
		if over {
			_ = os.RemoveAll(r.path) // Close or the next Open deletes remaining folders
		}
		return over
	})
	s.replaced = append(s.replaced, replacedFolder{path: outer, since: now})
}

// Close deletes the staging folder with its contents.
func (s *Store) Close() error { return os.RemoveAll(s.staging) }
