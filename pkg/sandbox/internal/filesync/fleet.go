package filesync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

// Client is what a compiler reports.
type Client struct {
	Name string
	// LastCheckIn is zero for a compiler that never asked.
	LastCheckIn time.Time
	// Synced says that the compiler has what storage has.
	Synced   bool
	Deployed map[string]Record
}

// Fleet is all compilers of one storage.
type Fleet struct {
	storage   *Storage
	compilers []*compiler
	now       func() time.Time
	log       *slog.Logger
	stop      context.CancelFunc
	running   sync.WaitGroup

	mu sync.Mutex
	// changed is closed, and replaced, at every check-in.
	changed chan struct{}
}

// StartFleet starts count compilers with their live directories below dir,
// which is emptied first: a compiler starts with nothing. Each checks in once
// an interval, the first time after one.
func StartFleet(storage *Storage, dir string, count int, interval time.Duration, log *slog.Logger) (*Fleet, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	fleet := &Fleet{storage: storage, now: storage.now, log: log, stop: stop, changed: make(chan struct{})}
	for number := 1; number <= count; number++ {
		name := fmt.Sprintf("compiler%d.sandbox.localdomain", number)
		home := filepath.Join(dir, name)
		area, err := livedir.Open(filepath.Join(home, "environments"), filepath.Join(home, "staging"))
		if err != nil {
			stop()
			return nil, err
		}
		fleet.compilers = append(fleet.compilers, &compiler{name: name, area: area, records: map[string]Record{}, seen: -1})
	}
	for _, c := range fleet.compilers {
		fleet.running.Go(func() { fleet.run(ctx, c, interval) })
	}
	return fleet, nil
}

func (f *Fleet) run(ctx context.Context, c *compiler, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// An environment that changes during the check-in is taken at the next.
		if err := c.checkIn(f.storage, f.now()); err != nil && !errors.Is(err, errChanged) {
			f.log.Error("file sync failed", "compiler", c.name, "error", err)
		}
		f.announce()
	}
}

// announce wakes everybody in Await.
func (f *Fleet) announce() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *Fleet) nextChange() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Await returns when every compiler has taken over this version of storage, or
// with the cause of the context's end.
func (f *Fleet) Await(ctx context.Context, version int64) error {
	for {
		// Asked for first: a check-in between the look and the wait counts.
		change := f.nextChange()
		if f.allSeen(version) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-change:
		}
	}
}

func (f *Fleet) allSeen(version int64) bool {
	for _, c := range f.compilers {
		if !c.hasSeen(version) {
			return false
		}
	}
	return true
}

// Report returns what storage has and what every compiler has, in order.
func (f *Fleet) Report() (stored map[string]Record, clients []Client) {
	stored, _ = f.storage.Snapshot()
	clients = make([]Client, 0, len(f.compilers))
	for _, c := range f.compilers {
		clients = append(clients, c.report(stored))
	}
	return stored, clients
}

// Close stops the compilers and deletes what they have staged.
func (f *Fleet) Close() error {
	f.stop()
	f.running.Wait()
	var errs []error
	for _, c := range f.compilers {
		errs = append(errs, c.area.Close())
	}
	return errors.Join(errs...)
}
