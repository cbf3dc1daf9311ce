package filesync

import (
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
)

// compiler is one client of file sync with a live directory of its own.
type compiler struct {
	name string
	area *livedir.Area

	mu          sync.Mutex
	records     map[string]Record
	lastCheckIn time.Time
	// seen is the version of storage that the last complete check-in took over,
	// -1 before the first.
	seen int64
}

// checkIn asks storage what there is and takes over what differs.
func (c *compiler) checkIn(storage *Storage, now time.Time) error {
	records, version := storage.Snapshot()
	c.mu.Lock()
	c.lastCheckIn = now
	mine := maps.Clone(c.records)
	c.mu.Unlock()

	var errs []error
	for name, record := range records {
		if have, found := mine[name]; !found || !have.sameContent(record) {
			errs = append(errs, c.take(storage, record, now))
		}
	}
	for name := range mine {
		if _, found := records[name]; !found {
			errs = append(errs, c.drop(name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = version
	return nil
}

// take copies one environment and swaps it in.
func (c *compiler) take(storage *Storage, record Record, now time.Time) error {
	staged, err := c.area.Stage(record.Environment)
	if err != nil {
		return err
	}
	if err := storage.copyTo(record, staged.Dir); err != nil {
		return errors.Join(err, staged.Discard())
	}
	if err := staged.Swap(); err != nil {
		return err
	}
	record.Date = now
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records[record.Environment] = record
	return nil
}

func (c *compiler) drop(name string) error {
	if err := c.area.Remove(name); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.records, name)
	return nil
}

// report is what the compiler has live, compared with what storage has.
func (c *compiler) report(stored map[string]Record) Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	same := maps.EqualFunc(c.records, stored, Record.sameContent)
	return Client{
		Name:        c.name,
		LastCheckIn: c.lastCheckIn,
		// Before its first check-in nobody knows what a compiler has.
		Synced:   same && !c.lastCheckIn.IsZero(),
		Deployed: maps.Clone(c.records),
	}
}

func (c *compiler) hasSeen(version int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen >= version
}
