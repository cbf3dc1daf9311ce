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

// load reads the records whose environments are still there.
func (f *stateFile) load(area *livedir.Area) (map[string]Record, error) {
	records := map[string]Record{}
	if f.path == "" {
		return records, nil
	}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return records, nil
	}
	if err != nil {
		return nil, err
	}
	var saved []Record
	if err := json.Unmarshal(text, &saved); err != nil {
		return nil, fmt.Errorf("state file %s is damaged, delete it to start afresh: %w", f.path, err)
	}
	for _, record := range saved {
		if info, err := os.Stat(area.Path(record.Environment)); err == nil && info.IsDir() {
			records[record.Environment] = record
		}
	}
	return records, nil
}

// save writes the records beside the file and renames: a run that is killed
// leaves the old state or the new one.
func (f *stateFile) save(records map[string]Record) error {
	if f.path == "" {
		return nil
	}
	text, err := json.Marshal(Sorted(records), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.path+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(f.path+".new", f.path)
}

// Sorted returns records in the order of their environments.
func Sorted(records map[string]Record) []Record {
	return slices.SortedFunc(maps.Values(records), func(a, b Record) int {
		return strings.Compare(a.Environment, b.Environment)
	})
}
