package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// ErrState is a state file that cannot be read.
var ErrState = errors.New("the record of the live environments is damaged")

// load puts back what a run that was killed had moved away, and reads the records of the
// environments that are there. The file may hold an old and a new record of an environment. The new
// one is true if its files are no longer where they were staged.
func (s *Store) load() (Published, error) {
	if err := s.restore(); err != nil {
		return Published{}, err
	}
	saved, err := s.read()
	if err != nil {
		return Published{}, fmt.Errorf("%w: %w; delete %s to start over", ErrState, err, s.state)
	}
	var loaded Published
	for _, record := range saved {
		_, twice := loaded.find(record.Name)
		if exists(s.live(record.Name)) && (!twice || !exists(filepath.Join(s.dir, record.Staged))) {
			loaded = loaded.with(record)
		}
	}
	for _, record := range saved {
		loaded.Revision = max(loaded.Revision, record.Revision)
	}
	return loaded, nil
}

// restore puts the old environment back if a run was killed between the two renames.
func (s *Store) restore() error {
	moved, err := s.beside("*", oldMark)
	for _, old := range moved {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(old), "."), oldMark)
		staged, _ := s.beside(name, stagedMark)
		if len(staged) > 0 && !exists(s.live(name)) {
			err = errors.Join(err, os.Rename(old, s.live(name)))
		}
	}
	return err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (s *Store) read() ([]Environment, error) {
	if s.state == "" {
		return nil, nil
	}
	text, err := os.ReadFile(s.state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var saved []Environment
	err = json.Unmarshal(text, &saved)
	return saved, err
}

// save writes the records in one step: a run that is killed leaves the file as
// it was, or the new one.
func (s *Store) save(records []Environment) error {
	if s.state == "" {
		return nil
	}
	text, err := json.Marshal(records, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.state+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return rename.To(s.state+".new", s.state)
}
