package live

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// ErrState is a state file that cannot be read.
var ErrState = errors.New("the record of the live environments is damaged")

// load reads the records of the environments that are still there. The file may hold an old and a
// new record of an environment. The modification time of its directory shows which is true; if it
// matches neither, the new one counts.
func (s *Store) load() (Published, error) {
	saved, err := s.read()
	if err != nil {
		return Published{}, fmt.Errorf("%w: %w; delete %s to start over", ErrState, err, s.state)
	}
	records := map[string]Environment{}
	var loaded Published
	for _, record := range saved {
		loaded.Revision = max(loaded.Revision, record.Revision)
		info, err := os.Stat(filepath.Join(s.dir, record.Name))
		if err != nil || !info.IsDir() {
			continue
		}
		if old, twice := records[record.Name]; !twice || !info.ModTime().Equal(old.Modified) {
			records[record.Name] = record
		}
	}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		loaded.Environments = append(loaded.Environments, records[name])
	}
	return loaded, nil
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
