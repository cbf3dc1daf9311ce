package follow

import (
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// gone is an environment that a deployment of all does not have any more (rule 7).
const gone Status = "gone"

// tracked is one environment of a request, over all looks.
type tracked struct {
	Environment

	// ours are the entries of this request (rule 3), others is true if any other entry could have staged
	// it.
	ours   []*entry
	others bool
	// older is the latest date of staging that ours cannot have made.
	older codemanager.Timestamp
	// staging is what ours staged, nil until all of ours have left.
	staging *staging
	// present is true if the look before had it, staged or on a compiler (rule 7).
	present bool
}

// find adds new entries to ours (rule 3).
func (t *tracked) find(first, l *look) {
	known := first.of(t.Name).all()
	for _, r := range l.of(t.Name).inOrder() {
		if r.in(known) == nil && t.entryOf(r) == nil {
			t.ours = append(t.ours, &entry{record: r})
		}
	}
}

func (t *tracked) entryOf(r record) *entry {
	for _, e := range t.ours {
		if e.same(r) {
			return e
		}
	}
	return nil
}

// seeOthers notes entries of others (rule 3). Failures of the first look have ended before.
func (t *tracked) seeOthers(first, l *look) {
	ended := first.of(t.Name).failed
	for _, r := range l.of(t.Name).all() {
		t.others = t.others || t.entryOf(r) == nil && r.in(ended) == nil
	}
}

// see updates the environment after a look (rule 4). A date proves nothing over a gap that is not brief.
func (t *tracked) see(l *look, gap, brief bool, c *compilers) {
	r := l.of(t.Name)
	dated := brief && t.isDated(r)
	for _, e := range t.ours {
		e.see(r, !gap || dated)
	}
	if t.all(func(e *entry) bool { return e.state == waits && e.status != codemanager.StatusDeploying }) {
		t.older = r.date() // ours has not begun, so it did not make this date
	}
	switch {
	case !t.all(func(e *entry) bool { return e.state == left }):
		t.staging = nil
	case t.staging == nil:
		t.staging = newStaging(*r.staged, dated)
	}
	if t.staging != nil {
		t.staging.see(c)
	}
	status, evidence := t.outcome(c)
	t.set(status, evidence, l.answered.mono)
	t.describe()
}

// all reports whether there are entries of ours, and a condition holds for each.
func (t *tracked) all(holds func(*entry) bool) bool {
	return len(t.ours) > 0 && !slices.ContainsFunc(t.ours, func(e *entry) bool { return !holds(e) })
}

// isDated reports whether only ours can have made the date of staging (rule 4).
func (t *tracked) isDated(r *records) bool {
	if len(t.ours) != 1 || t.others || sameTime(r.date(), t.older) {
		return false
	}
	date, ok := r.date().Time()
	return ok && !t.ours[0].at.IsZero() && !date.Before(t.ours[0].at)
}

// outcome derives the status from the entries (rules 4 and 5).
func (t *tracked) outcome(c *compilers) (status Status, evidence string) {
	waiting := slices.DeleteFunc(slices.Clone(t.ours), func(e *entry) bool { return e.state != waits })
	switch {
	case len(t.ours) == 0:
		return Unseen, "its entry in the queue was never seen"
	case len(waiting) > 0:
		far := slices.MinFunc(waiting, func(a, b *entry) int { return Urgency(a.status) - Urgency(b.status) })
		return far.status, "its entry is in the queue"
	case t.all(func(e *entry) bool { return e.state == failed }):
		return codemanager.StatusFailed, "its entry is in the list of failures"
	case t.staging == nil && len(t.ours) > 1:
		return Lost, "several entries appeared at once, and they ended differently"
	case t.staging == nil:
		return Lost, "its entry left the queue, and it may have been lost: looks failed or came late, or nothing is staged"
	}
	evidence = "its entry left the queue without failing"
	if t.staging.dated {
		evidence += ", and the date of staging is new"
	}
	if t.staging.everywhere(c) {
		return codemanager.StatusComplete, evidence + "; every compiler has it"
	}
	return Syncing, evidence
}

// vanish notes an environment of a deployment of all whose branch is gone (rule 7): the look before had
// it, and now it is neither staged nor on a compiler that is waited for.
func (t *tracked) vanish(l *look, gap bool, c *compilers) {
	there, remembered := l.of(t.Name).staged != nil, false
	for _, h := range c.hosts {
		if _, ok := h.has(t.Name); ok {
			there = there || !h.missing && !c.down(h)
			remembered = remembered || h.missing
		}
	}
	was := t.present
	t.present = there
	switch {
	case len(t.ours) > 0 || there:
		if t.Status == gone {
			t.set(Unseen, "it is there again", l.answered.mono)
		}
	case was && !gap && !remembered:
		t.set(gone, "it is neither staged nor on a compiler any more", l.answered.mono)
	}
}

func (t *tracked) set(status Status, evidence string, at time.Time) {
	if t.Status != status {
		t.Status, t.Seen = status, at
	}
	if t.Began.IsZero() && status != Unseen {
		t.Began = at
	}
	t.Evidence = evidence
}

// describe fills in what the entries tell about the environment.
func (t *tracked) describe() {
	t.ID, t.Error, t.Signature = "", nil, ""
	if len(t.ours) == 1 {
		t.ID = t.ours[0].ID
	}
	if t.Status == codemanager.StatusFailed {
		t.Error = unexplained(t.ours[len(t.ours)-1].Error)
	}
	if t.staging != nil {
		t.Signature = t.staging.DeploySignature
	}
}

// unexplained is the error of a failure for which the server gives no reason.
func unexplained(e *codemanager.ErrorObject) *codemanager.ErrorObject {
	if e == nil {
		return &codemanager.ErrorObject{}
	}
	return e
}
