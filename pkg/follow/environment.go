package follow

import (
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// environment is one environment over all looks, with a request or in a watch.
type environment struct {
	Environment

	// first is what the first look had of it.
	first *records
	// entries are all that the looks have shown, in the order in which they appeared. Ours are those
	// that decide: the entries of the request (rule 3); in a watch, the latest deployment.
	entries, ours []*entry
	// older is the latest date of staging that no entry can have made.
	older codemanager.Timestamp
	// staging is what ours staged, nil until all of ours have left.
	staging *staging
	// present is true if the look before had it, staged or on a compiler (rule 7).
	present bool
}

// note takes the entries that a look lists, and returns those that are new.
func (e *environment) note(r *records) []*entry {
	for _, d := range e.entries {
		d.see(r)
	}
	known := len(e.entries)
	for _, q := range r.inOrder() {
		if e.index(q) < 0 {
			d := &entry{record: q}
			d.see(r)
			e.entries = append(e.entries, d)
		}
	}
	return e.entries[known:]
}

// index is the place of a record's entry, -1 if it is new.
func (e *environment) index(r record) int {
	return slices.IndexFunc(e.entries, func(d *entry) bool { return d.same(r) })
}

// over reports whether an entry had failed by the first look.
func (e *environment) over(d *entry) bool { return d.in(e.first.failed) != nil }

// see derives what became of the entries after a look (rule 4). A date proves nothing over a gap that
// is not brief.
func (e *environment) see(r *records, gap, brief bool, c *compilers) {
	dated := brief && e.isDated(r)
	begun := false
	for _, d := range e.entries {
		switch {
		case d.state != waits || d.in(r.waiting) != nil:
		case r.staged != nil && (!gap || dated):
			d.state = left
		default:
			d.state = lost
		}
		begun = begun || !e.over(d) && (d.state != waits || d.status == codemanager.StatusDeploying)
	}
	if !begun { // no entry made this date
		e.older = r.date()
	}
	switch {
	case !e.all(left):
		e.staging = nil
	case e.staging == nil && r.staged != nil:
		e.staging = newStaging(*r.staged, dated)
	}
	if e.staging != nil {
		e.staging.see(c)
	}
}

// all reports whether there are entries of ours, and each is in a state.
func (e *environment) all(state entryState) bool {
	return len(e.ours) > 0 && !slices.ContainsFunc(e.ours, func(d *entry) bool { return d.state != state })
}

// isDated reports whether only the one deployment that was seen in flight can have made the date
// (rule 4).
func (e *environment) isDated(r *records) bool {
	seen := slices.DeleteFunc(slices.Clone(e.entries), e.over)
	date, ok := r.date().Time()
	return len(seen) == 1 && ok && !seen[0].at.IsZero() && !sameTime(r.date(), e.older) && !date.Before(seen[0].at)
}

// set notes a status, and when it was first seen.
func (e *environment) set(status Status, evidence string, at time.Time) {
	if e.Status != status {
		e.Status, e.Seen = status, at
	}
	if e.Began.IsZero() && status != Unseen {
		e.Began = at
	}
	e.Evidence = evidence
}

// unexplained is the error of a failure for which the server gives no reason.
func unexplained(e *codemanager.ErrorObject) *codemanager.ErrorObject {
	if e == nil {
		return &codemanager.ErrorObject{}
	}
	return e
}
