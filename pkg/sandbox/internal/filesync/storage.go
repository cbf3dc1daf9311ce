// Package filesync does what file sync does on a real server: the primary
// publishes environments to storage, and every compiler asks storage at an
// interval what is new and takes over a copy of it.
package filesync

import (
	"crypto/sha1" //nolint:gosec // names content like Git does, protects nothing
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

// Record is what is known of one published environment.
type Record struct {
	Environment string `json:"environment"`
	// Signature is the SHA of the deployed commit of the control repository.
	Signature string `json:"signature"`
	// Commit stands for the content, as a commit of file sync's own repository
	// would: a SHA-1 over the tree.
	Commit string `json:"commit"`
	// Date is when it was published.
	Date time.Time `json:"date"`
	// Version is the storage's version that the publication made.
	Version int64 `json:"-"`
}

// sameContent reports whether a copy of one serves for the other.
func (r Record) sameContent(other Record) bool {
	return r.Signature == other.Signature && r.Commit == other.Commit
}

// errChanged says that an environment was published anew or removed while
// somebody wanted to copy it.
var errChanged = errors.New("the environment has changed meanwhile")

// Storage is the primary's live directory and the record of what is in it.
type Storage struct {
	area  *livedir.Area
	state *stateFile
	now   func() time.Time

	// mu is held for reading while an environment is copied: it must not be
	// swapped away under the copy.
	mu      sync.RWMutex
	records map[string]Record
	version int64
}

// NewStorage serves the environments of area. What the state file knows of
// them from an earlier run is taken over; an empty path keeps no state.
func NewStorage(area *livedir.Area, statePath string, now func() time.Time) (*Storage, error) {
	storage := &Storage{area: area, state: &stateFile{path: statePath}, now: now}
	records, err := storage.state.load(area)
	if err != nil {
		return nil, err
	}
	storage.records = records
	return storage, nil
}

// Publish swaps a staged environment in and records it. It returns the record
// and a SHA-1 that stands for the code of all environments after it.
func (s *Storage) Publish(staged *livedir.Staged, signature string) (Record, string, error) {
	commit, err := livedir.Digest(staged.Dir)
	if err != nil {
		return Record{}, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	record := Record{
		Environment: staged.Name, Signature: signature, Commit: commit,
		Date: s.now(), Version: s.version + 1,
	}
	// Announced before it is done: a run that is killed in between knows what
	// it finds at the next start.
	records := maps.Clone(s.records)
	records[staged.Name] = record
	if err := s.state.announce(records); err != nil {
		return Record{}, "", err
	}
	if err := staged.Swap(); err != nil {
		return Record{}, "", errors.Join(err, s.state.withdraw())
	}
	s.version++
	s.records = records
	return record, s.codeCommit(), s.state.commit()
}

// Remove takes an environment out, if this storage published it, and not
// later than at the version upTo. What others put into the directory is left
// alone. It reports whether there was something to remove.
func (s *Storage) Remove(environment string, upTo int64) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, found := s.records[environment]
	if !found || record.Version > upTo {
		return false, nil
	}
	if err := s.area.Remove(environment); err != nil {
		return false, err
	}
	s.version++
	delete(s.records, environment)
	return true, s.state.save(s.records)
}

// Snapshot returns all records by name, and the version they belong to.
func (s *Storage) Snapshot() (map[string]Record, int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.records), s.version
}

// Version is the number of changes so far.
func (s *Storage) Version() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.version
}

// Live returns the directory of a published environment, "" for any other.
func (s *Storage) Live(environment string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, found := s.records[environment]; !found {
		return ""
	}
	return s.area.Path(environment)
}

// copyTo copies the environment of a record into an empty directory, unless
// the record is out of date.
func (s *Storage) copyTo(record Record, dir string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if current, found := s.records[record.Environment]; !found || current.Version != record.Version {
		return errChanged
	}
	return livedir.Copy(s.area.Path(record.Environment), dir)
}

// codeCommit is a SHA-1 over the names and commits of all environments. The
// caller holds the lock.
func (s *Storage) codeCommit() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.records)) {
		fmt.Fprintf(&text, "%s %s\n", name, s.records[name].Commit)
	}
	sum := sha1.Sum([]byte(text.String())) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
