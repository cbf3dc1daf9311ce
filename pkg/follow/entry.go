package follow

import (
	"cmp"
	"strconv"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// record is a deployment in one of the lists of a look.
type record struct {
	codemanager.QueuedDeploy
	// status is that of the list.
	status Status
	// at is queued-at, zero if it is not a time.
	at time.Time
}

func newRecord(d codemanager.QueuedDeploy, status Status) record {
	at, _ := d.QueuedAt.Time()
	return record{d, status, at}
}

// same reports whether two records of one environment are the same entry: their instants of queued-at
// are equal, and their ids if both have one. A server may write an instant in several forms, show the
// id later, and begin its ids anew after a restart.
func (r record) same(other record) bool {
	if r.ID != "" && other.ID != "" && r.ID != other.ID {
		return false
	}
	if r.at.IsZero() || other.at.IsZero() {
		return r.QueuedAt == other.QueuedAt
	}
	return r.at.Equal(other.at)
}

// in returns the record of the same entry in a list, nil if the list has none.
func (r record) in(list []record) *record {
	for i := range list {
		if r.same(list[i]) {
			return &list[i]
		}
	}
	return nil
}

// entryState is the state of an entry after a look (rule 4).
type entryState int

const (
	waits entryState = iota
	failed
	left
	lost
)

// entry is one deployment of the queue, over the looks of a wait.
type entry struct {
	record
	state entryState
	// In a watch: first is true if the first look had it, early if it had failed by then, and
	// dateAtFailure is the date of staging when the failure was first seen.
	first, early  bool
	dateAtFailure codemanager.Timestamp
}

// see updates the state of an entry (rule 4). Proven is true if nothing was missed since the look
// before, or if the staging is dated.
func (e *entry) see(r *records, proven bool) {
	waiting, failure := e.in(r.waiting), e.in(r.failed)
	switch {
	case waiting != nil:
		e.update(*waiting, waits)
	case failure != nil:
		if e.state != failed {
			e.dateAtFailure = r.date()
		}
		e.update(*failure, failed)
	case e.state != waits: // it has ended before
	case r.staged != nil && proven:
		e.state = left
	default:
		e.state = lost
	}
}

// update takes a later record of the same entry. An id that was known stays known.
func (e *entry) update(r record, state entryState) {
	r.ID = cmp.Or(r.ID, e.ID)
	e.record, e.state = r, state
}

// byQueue orders the records of one answer by their place in the queue.
func byQueue(a, b record) int {
	if !a.at.IsZero() && !b.at.IsZero() && !a.at.Equal(b.at) {
		return a.at.Compare(b.at)
	}
	x, errX := strconv.ParseInt(string(a.ID), 10, 64)
	y, errY := strconv.ParseInt(string(b.ID), 10, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return 0
}

// sameTime reports whether two timestamps are the same instant, in whatever form.
func sameTime(a, b codemanager.Timestamp) bool {
	at, okA := a.Time()
	bt, okB := b.Time()
	if !okA || !okB {
		return a == b
	}
	return at.Equal(bt)
}

// before compares timestamps; false if one of them is not a time.
func before(a, b codemanager.Timestamp) bool {
	at, okA := a.Time()
	bt, okB := b.Time()
	return okA && okB && at.Before(bt)
}
