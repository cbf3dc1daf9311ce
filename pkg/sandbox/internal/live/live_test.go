package live

import (
	"errors"
	"fmt"
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
	store, err := Open(Options{
		Dir: filepath.Join(root, "live"), Staging: []string{filepath.Join(root, "staging")},
		State: filepath.Join(root, "state.json"), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func stage(t *testing.T, store *Store, name string, files gittest.Files) *Staged {
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
	staged := stage(t, store, name, files)
	record, _, err := store.Publish(staged, "sha of "+files["file"])
	if err := errors.Join(err, staged.Discard()); err != nil {
		t.Fatal(err)
	}
	return record
}

func demand(t *testing.T, dir string, want gittest.Files) {
	t.Helper()
	if got := gittest.Tree(t, dir); !maps.Equal(got, want) {
		t.Errorf("%s holds %v, want %v", dir, got, want)
	}
}

func TestPublishReplacesAll(t *testing.T) {
	store := open(t, t.TempDir())
	publish(t, store, "production", gittest.Files{"old": "1", "both": "1"})
	publish(t, store, "production", gittest.Files{"new": "2", "both": "2"})
	demand(t, filepath.Join(store.Dir(), "production"), gittest.Files{"new": "2", "both": "2"})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(store.staging); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("staging is still there: %v", err)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	store := open(t, t.TempDir())
	if err := stage(t, store, "production", gittest.Files{"a": "1"}).Discard(); err != nil {
		t.Fatal(err)
	}
	demand(t, store.staging, gittest.Files{})
}

// TestReplacedFoldersAreDeleted: a replaced environment stays for current readers, but not for
// ever.
func TestReplacedFoldersAreDeleted(t *testing.T) {
	store := open(t, t.TempDir())
	for range 5 {
		publish(t, store, "production", gittest.Files{"a": "1"})
		for i := range store.replaced {
			store.replaced[i].since = time.Now().Add(-2 * grace)
		}
		if entries, err := os.ReadDir(store.staging); err != nil || len(entries) != 1 {
			t.Fatalf("staging holds %v, %v", entries, err)
		}
	}
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
	demand(t, store.Dir(), gittest.Files{"foreign/": "", "later/": "", "later/a": "1"})
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

func TestOpenCleansUpAfterAKill(t *testing.T) {
	root := t.TempDir()
	stage(t, open(t, root), "production", gittest.Files{"a": "1"})
	again := open(t, root)
	demand(t, again.staging, gittest.Files{})
	demand(t, again.Dir(), gittest.Files{})
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
	if _, err := Open(Options{Dir: store.dir, Staging: []string{store.staging}, State: store.state}); !errors.Is(err, ErrState) ||
		!strings.Contains(err.Error(), "delete "+store.state+" to start over") {
		t.Errorf("error %v, want advice", err)
	}
}

// TestRecordAfterAKill ends a publication between its two steps, or right after.
func TestRecordAfterAKill(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		root := t.TempDir()
		store := open(t, root)
		want := publish(t, store, "production", gittest.Files{"file": "1"})
		if swapped {
			want = publish(t, store, "production", gittest.Files{"file": "2"})
		} else {
			staged := stage(t, store, "production", gittest.Files{"file": "2"})
			record := Environment{Name: "production", Signature: "sha of 2", Revision: 2, Date: time.Now().Add(time.Second)}
			if err := errors.Join(staged.mark(&record), store.save(append(store.Published().Environments, record))); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if got, _ := open(t, root).Published().find("production"); got.Commit() != want.Commit() {
				t.Errorf("swapped %t: record %+v, want %+v", swapped, got, want)
			}
		}
	}
}

// TestRecordOfAChangedDirectory: after somebody has changed a live environment, the records still
// show which is newer.
func TestRecordOfAChangedDirectory(t *testing.T) {
	root := t.TempDir()
	store := open(t, root)
	publish(t, store, "production", gittest.Files{"file": "1"})
	want := publish(t, store, "production", gittest.Files{"file": "2"})
	if err := os.WriteFile(filepath.Join(store.Dir(), "production", "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, _ := open(t, root).Published().find("production"); got.Commit() != want.Commit() {
		t.Errorf("record %+v, want %+v", got, want)
	}
}

// TestNoRoomForTheRecord: an environment that cannot be recorded does not go live.
func TestNoRoomForTheRecord(t *testing.T) {
	store := open(t, t.TempDir())
	publish(t, store, "production", gittest.Files{"file": "1"})
	if err := os.Mkdir(store.state+".new", 0o755); err != nil {
		t.Fatal(err)
	}
	staged := stage(t, store, "production", gittest.Files{"file": "2"})
	if _, _, err := store.Publish(staged, "sha"); err == nil {
		t.Error("published without a record")
	}
	demand(t, filepath.Join(store.Dir(), "production"), gittest.Files{"file": "1"})
}

func TestStagingFolderThatWorks(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	options := Options{Dir: filepath.Join(root, "live"), Staging: []string{filepath.Join(file, "first"), filepath.Join(root, "second")}}
	store, err := Open(options)
	if err != nil || store.staging != options.Staging[1] {
		t.Errorf("%+v, %v", store, err)
	}
	options.Staging = options.Staging[:1]
	if _, err := Open(options); err == nil {
		t.Error("a store without a staging folder was opened")
	}
}

// TestReadersNeverSeeAHalfWrittenEnvironment lists an environment all the time while it is replaced.
func TestReadersNeverSeeAHalfWrittenEnvironment(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("this system cannot exchange two names in one step")
	}
	store := open(t, t.TempDir())
	generation := func(number int) gittest.Files {
		files := gittest.Files{}
		for i := range 50 {
			files[fmt.Sprintf("dir/gen%d-%d", number, i)] = "x"
		}
		return files
	}
	publish(t, store, "production", generation(0))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				entries, err := os.ReadDir(filepath.Join(store.Dir(), "production", "dir"))
				if err != nil || len(entries) != 50 {
					t.Errorf("%d entries, %v, want 50", len(entries), err)
					return
				}
			}
		})
	}
	for number := 1; number <= 20; number++ {
		publish(t, store, "production", generation(number))
	}
	close(stop)
	readers.Wait()
}

// TestOpenDirectoryStaysReadable: a directory that is open stays whole while its environment
// is replaced, and replaced again.
func TestOpenDirectoryStaysReadable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system renames no directory that is open")
	}
	store := open(t, t.TempDir())
	publish(t, store, "production", gittest.Files{"a": "1", "b": "1"})
	reader, err := os.Open(filepath.Join(store.Dir(), "production"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for range 2 {
		publish(t, store, "production", gittest.Files{"c": "2"})
	}
	if entries, err := reader.ReadDir(-1); err != nil || len(entries) != 2 {
		t.Errorf("read %v, %v", entries, err)
	}
}

func TestNamesThatLeadElsewhere(t *testing.T) {
	store := open(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "../live", "a/b", "/etc", "a/"} {
		if _, err := store.Stage(name); err == nil {
			t.Errorf("%q was staged", name)
		}
	}
}

// TestNamesThatTheSystemReserves stages what is a name of a branch everywhere,
// and of a folder on most systems.
func TestNamesThatTheSystemReserves(t *testing.T) {
	store := open(t, t.TempDir())
	for _, name := range []string{"aux", "con", "nul", "com1"} {
		_, err := store.Stage(name)
		if windows := runtime.GOOS == "windows"; (err != nil) != windows || windows && !strings.Contains(err.Error(), "rename the branch") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestNamesThatTheFileSystemFolds runs as if upper and lower case were one, and
// on file systems where they are.
func TestNamesThatTheFileSystemFolds(t *testing.T) {
	root := t.TempDir()
	for range 2 { // the second store knows it from the records
		store := open(t, root)
		store.fold = strings.ToLower
		for _, e := range store.Published().Environments {
			store.owners[store.fold(e.Name)] = e.Name
		}
		publish(t, store, "testing", gittest.Files{"file": "1"})
		collision := (*CollisionError)(nil)
		if _, err := store.Stage("Testing"); !errors.As(err, &collision) || collision.Other != "testing" || !strings.Contains(err.Error(), "upper and lower case") {
			t.Errorf("error %v, want a collision", err)
		}
		demand(t, store.Dir(), gittest.Files{"testing/": "", "testing/file": "1"})
	}
	store := open(t, root)
	store.fold = strings.ToLower
	store.owners = map[string]string{"testing": "testing"}
	if removed, err := store.Remove("testing", math.MaxInt64); !removed || err != nil {
		t.Fatal(removed, err)
	}
	first := stage(t, store, "Testing", nil) // free again, and taken while it is staged
	if _, err := store.Stage("testing"); err == nil {
		t.Error("two are staged under one name")
	}
	if err := first.Discard(); err != nil {
		t.Fatal(err)
	}
	publish(t, store, "testing", gittest.Files{"file": "2"})
}

// TestProbeOfTheFileSystem compares what Open found with a trial of our own.
func TestProbeOfTheFileSystem(t *testing.T) {
	store := open(t, t.TempDir())
	if err := os.Mkdir(filepath.Join(store.Dir(), "lower"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := os.Stat(filepath.Join(store.Dir(), "LOWER"))
	if folds := store.fold("A") == "a"; folds != (err == nil) {
		t.Errorf("folds: %t, but the file system: %v", folds, err)
	}
}
