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

// entry is one deployment, over the looks of a command.
type entry struct {
	record
	state entryState
	// dateAtFailure is the date of staging when its failure was first seen.
	dateAtFailure codemanager.Timestamp
}

// see takes what a look lists of an entry (rule 4). An id that was known stays known.
func (e *entry) see(r *records) {
	listed, state := e.in(r.waiting), waits
	if listed == nil {
		listed, state = e.in(r.failed), failed
	}
	if listed == nil {
		return
	}
	if state == failed && e.state != failed {
		e.dateAtFailure = r.date()
	}
	id := cmp.Or(listed.ID, e.ID)
	e.record, e.state = *listed, state
	e.ID = id
}

// farthest is the entry in the queue that has come farthest, nil if none waits.
func farthest(list []*entry) *entry {
	var far *entry
	for _, e := range list {
		if e.state == waits && (far == nil || Urgency(e.status) < Urgency(far.status)) {
			far = e
		}
	}
	return far
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
