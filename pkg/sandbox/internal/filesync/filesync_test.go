package filesync

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

func newStore(t *testing.T) *live.Store {
	t.Helper()
	store, err := live.Open(filepath.Join(t.TempDir(), "live"), "", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func publish(t *testing.T, store *live.Store, name string) live.Environment {
	t.Helper()
	staged, err := store.Stage(name)
	if err != nil {
		t.Fatal(err)
	}
	record, _, err := store.Publish(staged, "sha")
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// TestClientsFollowThePrimary looks before and after each check-in, a minute apart.
func TestClientsFollowThePrimary(t *testing.T) {
	store := newStore(t)
	synctest.Test(t, func(t *testing.T) {
		clients := Start(store, []string{"one", "two", "down"}, []string{"down"}, time.Minute, time.Now)
		defer clients.Close()
		check := func(synced bool, environments int) {
			t.Helper()
			primary, report := clients.Report()
			for _, c := range report {
				if c.Name == "down" {
					if c.Synced(primary) || !c.LastCheckIn.IsZero() || len(c.Deployed.Environments) != 0 {
						t.Errorf("%+v, but it is down", c)
					}
					continue
				}
				if c.Synced(primary) != synced || len(c.Deployed.Environments) != environments {
					t.Errorf("%+v; want synced %t, %d environments", c, synced, environments)
				}
			}
		}
		next := func() { time.Sleep(time.Minute); synctest.Wait() } // the bubble's clock
		check(false, 0)                                             // nobody knows yet
		next()
		check(true, 0)
		record := publish(t, store, "production")
		check(false, 0)
		next()
		check(true, 1)
		if _, report := clients.Report(); !report[0].Deployed.Environments[0].Date.Equal(record.Date) {
			t.Errorf("%+v, published %+v", report[0], record)
		}
		if removed, err := store.Remove("production", record.Revision); !removed || err != nil {
			t.Fatal(removed, err)
		}
		check(false, 1)
		next()
		check(true, 0)
	})
}

func TestAwait(t *testing.T) {
	store := newStore(t)
	synctest.Test(t, func(t *testing.T) {
		clients := Start(store, []string{"one", "two"}, nil, time.Minute, time.Now)
		defer clients.Close()
		began := time.Now()
		if _, err := clients.Await(t.Context(), publish(t, store, "production").Revision); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if _, err := clients.Await(t.Context(), 1); err != nil || time.Since(began) != time.Minute {
			t.Errorf("what is there was waited for: %v, %s", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if behind, err := clients.Await(ctx, 2); !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(behind, []string{"one", "two"}) {
			t.Errorf("a revision that never was is there: %v, %v", behind, err)
		}
	})
}

func TestNoClientsAreAlwaysInSync(t *testing.T) {
	clients := Start(newStore(t), nil, nil, time.Hour, time.Now)
	defer clients.Close()
	if _, err := clients.Await(t.Context(), 100); err != nil {
		t.Error(err)
	}
}
