package live

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func open(t *testing.T, root string) *Store {
	t.Helper()
	store, err := Open(filepath.Join(root, "live"), filepath.Join(root, "state.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func stage(t *testing.T, store *Store, name string, files gittest.Files) Staged {
	t.Helper()
	staged, err := store.Stage(name)
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range files {
		path = filepath.Join(staged.Dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return staged
}

// publish makes an environment of these files live, as deployers do.
func publish(t *testing.T, store *Store, name string, files gittest.Files) Environment {
	t.Helper()
	record, _, err := store.Publish(stage(t, store, name, files), "sha of "+files["file"])
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// demand checks what is live, and everything beside it.
func demand(t *testing.T, store *Store, want gittest.Files) {
	t.Helper()
	if got := gittest.Tree(t, store.Dir()); !maps.Equal(got, want) {
		t.Errorf("%s holds %v, want %v", store.Dir(), got, want)
	}
}

// TestPublishReplacesAll, and keeps the old files until the next time.
func TestPublishReplacesAll(t *testing.T) {
	store := open(t, t.TempDir())
	for _, generation := range []string{"1", "2", "3"} {
		publish(t, store, "production", gittest.Files{"new" + generation: generation, "both": generation})
	}
	demand(t, store, gittest.Files{
		"production/": "", "production/new3": "3", "production/both": "3",
		".production.sandbox-old/": "", ".production.sandbox-old/new2": "2", ".production.sandbox-old/both": "2",
	})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	demand(t, store, gittest.Files{"production/": "", "production/new3": "3", "production/both": "3"})
}

func TestRemoveIsForOwnEnvironments(t *testing.T) {
	store := open(t, t.TempDir())
	publish(t, store, "first", gittest.Files{"a": "1"})
	before := store.Published().Revision
	publish(t, store, "later", gittest.Files{"a": "1"})
	if err := os.Mkdir(filepath.Join(store.Dir(), "foreign"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"first": true, "foreign": false, "later": false, "nothing": false} {
		if removed, err := store.Remove(name, before); err != nil || removed != want {
			t.Errorf("%s: removed %t, %v", name, removed, err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	demand(t, store, gittest.Files{"foreign/": "", "later/": "", "later/a": "1"})
}

func TestRevisionsAndCommits(t *testing.T) {
	store := open(t, t.TempDir())
	seen := map[string]bool{}
	for revision, text := range []string{"1", "1", "2"} {
		record := publish(t, store, "a", gittest.Files{"file": text})
		published := store.Published()
		if record.Revision != int64(revision+1) || published.Revision != record.Revision || record.Signature != "sha of "+text {
			t.Errorf("record %+v, published %+v", record, published)
		}
		for _, sha := range []string{record.Commit(), published.Commit()} {
			if len(sha) != 40 || strings.Trim(sha, "0123456789abcdef") != "" {
				t.Errorf("%q is not a SHA-1", sha)
			}
		}
		seen[record.Commit()], seen[published.Commit()] = true, true
	}
	if len(seen) != 6 {
		t.Errorf("%d commits for three publications, each of an environment and of all code", len(seen))
	}
	before := store.Published()
	if removed, err := store.Remove("a", math.MaxInt64); !removed || err != nil {
		t.Error(removed, err)
	}
	if after := store.Published(); after.Revision != 4 || len(after.Environments) != 0 || len(before.Environments) != 1 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestRecordsSurviveARestart(t *testing.T) {
	root := t.TempDir()
	store := open(t, root)
	record := publish(t, store, "production", gittest.Files{"file": "1"})
	publish(t, store, "gone", gittest.Files{"file": "1"})
	if err := os.RemoveAll(filepath.Join(store.Dir(), "gone")); err != nil {
		t.Fatal(err)
	}
	again := open(t, root).Published()
	if got, found := again.find("production"); !found || len(again.Environments) != 1 || got.Commit() != record.Commit() || !got.Date.Equal(record.Date) {
		t.Errorf("published %+v, want %+v", again, record)
	}
	if again.Revision != 2 {
		t.Errorf("revision %d: it would come twice", again.Revision)
	}
	if err := os.WriteFile(store.state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(store.dir, store.state, time.Now); !errors.Is(err, ErrState) ||
		!strings.Contains(err.Error(), "delete "+store.state+" to start over") {
		t.Errorf("error %v, want advice", err)
	}
}

// TestStartAfterAKill ends a run at every step of the second deployment of an environment. The tree
// and the record that the next run finds are of one deployment.
func TestStartAfterAKill(t *testing.T) {
	type step = func(s *Store, staged Staged) error
	record := func(staged Staged) Environment {
		return Environment{Name: "production", Signature: "sha of 2", Revision: 2, Staged: filepath.Base(staged.Dir)}
	}
	save := func(s *Store, staged Staged) error { return s.save(append(s.Published().Environments, record(staged))) }
	away := func(s *Store, _ Staged) error { return os.Rename(s.live("production"), s.old("production")) }
	in := func(s *Store, staged Staged) error { return os.Rename(staged.Dir, s.live("production")) }
	for _, test := range []struct {
		name, want string
		steps      []step
	}{
		{"staged", "1", nil},
		{"recorded", "1", []step{save}},
		{"moved away", "1", []step{save, away}},
		{"in place", "2", []step{save, away, in}},
		{"staged again", "2", []step{save, away, in, func(s *Store, _ Staged) error {
			_, err := s.Stage("production")
			return err
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			store := open(t, root)
			publish(t, store, "production", gittest.Files{"file": "1"})
			staged := stage(t, store, "production", gittest.Files{"file": "2"})
			for _, step := range test.steps {
				if err := step(store, staged); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				again := open(t, root)
				if got, found := again.Published().find("production"); !found || got.Signature != "sha of "+test.want {
					t.Errorf("record %+v, want %s", got, test.want)
				}
				demand(t, again, gittest.Files{"production/": "", "production/file": test.want})
			}
		})
	}
}

// TestReadersNeverSeeAHalfWrittenEnvironment lists an environment while it is replaced. For a moment
// it may be missing.
func TestReadersNeverSeeAHalfWrittenEnvironment(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system renames no directory that is open")
	}
	store := open(t, t.TempDir())
	for number := range 20 {
		files := gittest.Files{}
		for i := range 50 {
			files[fmt.Sprintf("dir/gen%d-%d", number, i)] = "x"
		}
		var readers sync.WaitGroup
		for range 3 * min(number, 1) {
			readers.Go(func() {
				for range 20 {
					entries, err := os.ReadDir(filepath.Join(store.Dir(), "production", "dir"))
					if len(entries) != 50 && !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%d entries, %v, want 50", len(entries), err)
					}
				}
			})
		}
		publish(t, store, "production", files)
		readers.Wait()
	}
}
