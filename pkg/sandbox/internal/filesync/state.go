package filesync

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

// stateFile keeps the records of a storage from one run to the next. An empty
// path keeps nothing.
type stateFile struct {
	path string
}

// load reads the records whose environments are still there. A run that was
// killed may have left a state that it had announced: what is live shows
// whether it came to pass.
func (f *stateFile) load(area *livedir.Area) (map[string]Record, error) {
	if f.path == "" {
		return map[string]Record{}, nil
	}
	saved, err := read(f.path)
	if err != nil {
		return nil, fmt.Errorf("state file %s is damaged, delete it to start afresh: %w", f.path, err)
	}
	records := map[string]Record{}
	for _, record := range saved {
		if info, err := os.Stat(area.Path(record.Environment)); err == nil && info.IsDir() {
			records[record.Environment] = record
		}
	}
	announced, err := read(f.announced())
	if err != nil {
		return records, nil //nolint:nilerr // half written: then nothing was done yet
	}
	for _, record := range announced {
		if old, found := records[record.Environment]; found && old.sameContent(record) {
			continue
		}
		if digest, err := livedir.Digest(area.Path(record.Environment)); err == nil && digest == record.Commit {
			records[record.Environment] = record
		}
	}
	return records, f.save(records)
}

// read reads a list of records; there is none where there is no file.
func read(path string) ([]Record, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var saved []Record
	err = json.Unmarshal(text, &saved)
	return saved, err
}

func (f *stateFile) announced() string { return f.path + ".new" }

// announce writes the records beside the file, before they become true: where
// that fails, for a full disk, nothing has been done yet.
func (f *stateFile) announce(records map[string]Record) error {
	if f.path == "" {
		return nil
	}
	text, err := json.Marshal(Sorted(records), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return os.WriteFile(f.announced(), append(text, '\n'), 0o600)
}

// commit makes what was announced the state. A run that is killed leaves the
// old state or the new one.
func (f *stateFile) commit() error {
	if f.path == "" {
		return nil
	}
	return os.Rename(f.announced(), f.path)
}

// withdraw forgets what was announced.
func (f *stateFile) withdraw() error {
	if f.path == "" {
		return nil
	}
	return os.Remove(f.announced())
}

// save announces and commits in one.
func (f *stateFile) save(records map[string]Record) error {
	if err := f.announce(records); err != nil {
		return err
	}
	return f.commit()
}

// Sorted returns records in the order of their environments.
func Sorted(records map[string]Record) []Record {
	return slices.SortedFunc(maps.Values(records), func(a, b Record) int {
		return strings.Compare(a.Environment, b.Environment)
	})
}
