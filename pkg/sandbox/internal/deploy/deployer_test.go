package deploy

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// An environment that was published after its branch was listed stays: the list does not know it yet.
func TestPurgeKeepsLaterEnvironments(t *testing.T) {
	dir := t.TempDir()
	store, err := live.Open(filepath.Join(dir, "live"), filepath.Join(dir, "state.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	publish := func(name string) {
		staged, err := store.Stage(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := store.Publish(staged, "a"); err != nil {
			t.Fatal(err)
		}
	}
	publish("gone")
	revision := store.Published().Revision
	publish("later")
	(&Deployer{Live: store, Log: slog.New(slog.DiscardHandler)}).Purge(nil, revision)
	left := store.Published().Environments
	if len(left) != 1 || left[0].Name != "later" {
		t.Errorf("left are %+v", left)
	}
}
