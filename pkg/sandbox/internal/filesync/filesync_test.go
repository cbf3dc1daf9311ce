package filesync

import (
	"context"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

const fast = time.Millisecond

func newStorage(t *testing.T, root string) *Storage {
	t.Helper()
	area, err := livedir.Open(filepath.Join(root, "live"), filepath.Join(root, "stage"))
	if err != nil {
		t.Fatal(err)
	}
	storage, err := NewStorage(area, filepath.Join(root, "state.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return storage
}

func startFleet(t *testing.T, storage *Storage, count int) (*Fleet, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "compilers")
	fleet, err := StartFleet(storage, dir, count, fast, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fleet.Close(); err != nil {
			t.Error(err)
		}
	})
	return fleet, dir
}

func publish(t *testing.T, storage *Storage, name, text string) (Record, string) {
	t.Helper()
	staged, err := storage.area.Stage(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(staged.Dir, "file"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	record, code, err := storage.Publish(staged, "sha of "+text)
	if err != nil {
		t.Fatal(err)
	}
	return record, code
}

func await(t *testing.T, fleet *Fleet) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := fleet.Await(ctx, fleet.storage.Version()); err != nil {
		t.Fatal(err)
	}
}

func TestCompilersTakeOverEverything(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	fleet, dir := startFleet(t, storage, 2)
	publish(t, storage, "production", "1")
	publish(t, storage, "gone", "1")
	await(t, fleet)
	publish(t, storage, "production", "2")
	if removed, err := storage.Remove("gone", math.MaxInt64); err != nil || !removed {
		t.Fatal(removed, err)
	}
	await(t, fleet)
	stored, clients := fleet.Report()
	if len(clients) != 2 || len(stored) != 1 {
		t.Fatalf("%d clients, %d stored", len(clients), len(stored))
	}
	for _, client := range clients {
		if !client.Synced || client.LastCheckIn.IsZero() || !maps.EqualFunc(client.Deployed, stored, Record.sameContent) {
			t.Errorf("client %+v, stored %+v", client, stored)
		}
		want := gittest.Files{"production/": "", "production/file": "2"}
		if got := gittest.Tree(t, filepath.Join(dir, client.Name, "environments")); !maps.Equal(got, want) {
			t.Errorf("%s has %v, want %v", client.Name, got, want)
		}
	}
}

func TestReportIsTrue(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	dir := filepath.Join(t.TempDir(), "compilers")
	fleet, err := StartFleet(storage, dir, 1, time.Hour, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	check := func(want bool) {
		t.Helper()
		if _, clients := fleet.Report(); clients[0].Synced != want {
			t.Errorf("synced: %t, want %t", clients[0].Synced, want)
		}
	}
	check(false) // nobody knows yet
	one := fleet.compilers[0]
	if err := one.checkIn(storage, time.Now()); err != nil {
		t.Fatal(err)
	}
	check(true)
	publish(t, storage, "production", "1")
	check(false)
	if err := one.checkIn(storage, time.Now()); err != nil {
		t.Fatal(err)
	}
	check(true)
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	fleet, _ := startFleet(t, storage, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := fleet.Await(ctx, math.MaxInt64); err == nil {
		t.Error("a version that never was is there")
	}
}

func TestNoCompilersAreAlwaysInSync(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	fleet, _ := startFleet(t, storage, 0)
	publish(t, storage, "production", "1")
	await(t, fleet)
}

func TestCommitsFollowTheContent(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	first, code1 := publish(t, storage, "a", "1")
	again, code2 := publish(t, storage, "a", "1")
	if first.Commit != again.Commit || code1 != code2 {
		t.Error("the same content has two commits")
	}
	other, code3 := publish(t, storage, "b", "1")
	if other.Commit != first.Commit || code3 == code1 {
		t.Error("a commit is for one environment, the code's for all")
	}
	if changed, code4 := publish(t, storage, "a", "2"); changed.Commit == first.Commit || code4 == code3 {
		t.Error("a change is not seen")
	}
	for _, sha := range []string{first.Commit, code1} {
		if len(sha) != 40 || strings.Trim(sha, "0123456789abcdef") != "" {
			t.Errorf("%q is not a SHA-1", sha)
		}
	}
}

func TestRemoveIsForWhatIsOurs(t *testing.T) {
	storage := newStorage(t, t.TempDir())
	if err := os.Mkdir(storage.area.Path("foreign"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := storage.Version()
	publish(t, storage, "later", "1")
	for _, name := range []string{"foreign", "later"} {
		if removed, err := storage.Remove(name, before); err != nil || removed {
			t.Errorf("%s: removed %t, %v", name, removed, err)
		}
		if _, err := os.Stat(storage.area.Path(name)); err != nil {
			t.Error(err)
		}
	}
}

func TestStateLivesOn(t *testing.T) {
	root := t.TempDir()
	storage := newStorage(t, root)
	record, _ := publish(t, storage, "production", "1")
	publish(t, storage, "gone", "1")
	if err := os.RemoveAll(storage.area.Path("gone")); err != nil {
		t.Fatal(err)
	}
	records, _ := newStorage(t, root).Snapshot()
	if got := records["production"]; len(records) != 1 || !got.sameContent(record) || !got.Date.Equal(record.Date) {
		t.Errorf("records %+v, want %+v", records, record)
	}
	if err := os.WriteFile(filepath.Join(root, "state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewStorage(storage.area, filepath.Join(root, "state.json"), time.Now); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("error %v, want advice", err)
	}
}

// TestStateAfterACrash stops a publication before and after its swap.
func TestStateAfterACrash(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		root := t.TempDir()
		storage := newStorage(t, root)
		old, _ := publish(t, storage, "production", "1")
		state := filepath.Join(root, "state.json")
		before, err := os.ReadFile(state)
		if err != nil {
			t.Fatal(err)
		}
		next, _ := publish(t, storage, "production", "2")
		if err := os.Rename(state, state+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(state, before, 0o600); err != nil {
			t.Fatal(err)
		}
		want := next
		if !swapped {
			want = old
			if err := os.WriteFile(filepath.Join(storage.area.Path("production"), "file"), []byte("1"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			records, _ := newStorage(t, root).Snapshot()
			if got := records["production"]; !got.sameContent(want) {
				t.Errorf("swapped %t: record %+v, want %+v", swapped, got, want)
			}
		}
	}
}

// TestHalfAnAnnouncement is what a kill in the middle of a write leaves.
func TestHalfAnAnnouncement(t *testing.T) {
	root := t.TempDir()
	want, _ := publish(t, newStorage(t, root), "production", "1")
	if err := os.WriteFile(filepath.Join(root, "state.json.new"), []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	records, _ := newStorage(t, root).Snapshot()
	if got := records["production"]; !got.sameContent(want) {
		t.Errorf("record %+v, want %+v", got, want)
	}
}

// TestNoRoomForTheState: what cannot be recorded does not go live.
func TestNoRoomForTheState(t *testing.T) {
	root := t.TempDir()
	storage := newStorage(t, root)
	publish(t, storage, "production", "1")
	if err := os.Mkdir(filepath.Join(root, "state.json.new"), 0o755); err != nil {
		t.Fatal(err)
	}
	staged, err := storage.area.Stage("production")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := storage.Publish(staged, "sha"); err == nil {
		t.Error("published without a record")
	}
	if got := gittest.Tree(t, storage.area.Path("production")); got["file"] != "1" {
		t.Errorf("live holds %v", got)
	}
}
