package follow

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Read turns one answer of deploys/status into a State. With names of environments, or of their
// branches, it leaves out all others.
func Read(status *codemanager.DeploysStatus, names []string) *State {
	now := Options{}.now()
	return newEstate(names, newCompilers(0)).see(newLook(status, now, now))
}

// estate is everything that looks show, for a watch without a request.
type estate struct {
	looks

	names     []string
	compilers *compilers
	watched   map[string]*watched
}

func newEstate(names []string, c *compilers) *estate {
	return &estate{names: names, compilers: c, watched: map[string]*watched{}}
}

func (e *estate) wants(name string) bool {
	return len(e.names) == 0 || slices.ContainsFunc(e.names, func(n string) bool { return n == name || codemanager.EnvironmentName(n) == name })
}

// order are the environments of a look and those with an entry that has failed or is lost, in the order
// in which they were asked for, or sorted.
func (e *estate) order(l *look, covered map[string]*coverage) []string {
	var known []string
	for name, w := range e.watched {
		last := w.last()
		if l.environments[name] != nil || covered[name] != nil || w.failure(l.of(name)) != nil || last != nil && last.state == lost {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	if len(e.names) == 0 {
		return known
	}
	var order []string
	for _, asked := range e.names {
		for _, name := range []string{asked, codemanager.EnvironmentName(asked)} {
			if slices.Contains(known, name) && !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	return order
}

// see records a good look.
func (e *estate) see(l *look) *State {
	isFirst := e.last == nil
	gap, brief := false, true
	if !isFirst {
		gap, brief = e.gap(l)
	}
	e.compilers.see(l)
	covered, same, waited := e.compilers.cover(e.wants)
	for _, name := range slices.AppendSeq(slices.Collect(maps.Keys(covered)), maps.Keys(l.environments)) {
		if e.watched[name] == nil && name != "" {
			e.watched[name] = &watched{older: l.of(name).date()}
		}
	}
	for name, w := range e.watched {
		w.see(l.of(name), isFirst, gap, brief, e.compilers)
	}
	if isFirst {
		e.first = l
	}
	e.last, e.missed = l, nil
	staged := 0
	state := &State{Clock: l.clock, Failures: e.failures(l), first: e.first, compilers: e.compilers}
	for _, name := range e.order(l, covered) {
		if l.of(name).staged != nil {
			staged++
		}
		state.Environments = append(state.Environments, e.environment(name, l, covered[name], waited))
	}
	state.Compilers = e.compilers.list(func(host string, h *compiler) (int, bool) {
		different := staged - same[host]
		return different, different > 0 || !h.Synced && len(e.names) == 0
	})
	return state
}

// environment derives one environment: from the deployments in the queue; else from the latest failure
// that counts, or a deployment that is lost; else from the staged or live code.
func (e *estate) environment(name string, l *look, c *coverage, waited int) Environment {
	r, w, result := l.of(name), e.watched[name], Environment{Name: name}
	c = cmp.Or(c, &coverage{})
	result.place(r, c, waited)
	if staged := e.first.of(name).staged; staged != nil {
		result.Before = staged.DeploySignature
	}
	result.BeforeKnown = true
	if r.staged != nil {
		result.Signature, result.Since = r.staged.DeploySignature, r.staged.Date
	} else if len(c.commits) == 1 {
		result.Signature = c.commits[0]
	}
	waiting, failure, last := w.waiting(), w.failure(r), w.last()
	switch {
	case waiting != nil:
		result.Status, result.Since, result.ID = waiting.status, waiting.QueuedAt, waiting.ID
	case failure != nil:
		result.Status, result.Since, result.ID = codemanager.StatusFailed, failure.QueuedAt, failure.ID
		result.Error = unexplained(failure.Error)
	case last != nil && last.state == lost:
		result.Status = Lost
	case r.staged == nil:
		result.Status = Live
	case w.staging != nil && w.staging.everywhere(e.compilers), w.staging == nil && c.current == waited:
		result.Status = codemanager.StatusComplete
	default:
		result.Status = Syncing
	}
	result.Began, result.Seen = w.note(result.Status, l.answered.mono)
	return result
}

func (e *estate) failures(l *look) []Failure {
	var failed []record
	for name, r := range l.environments {
		if e.wants(name) {
			failed = append(failed, r.failed...)
		}
	}
	slices.SortFunc(failed, func(a, b record) int {
		return cmp.Or(byQueue(b, a), cmp.Compare(a.Environment, b.Environment))
	})
	var list []Failure
	for _, f := range failed {
		shown := Failure{QueuedDeploy: f.QueuedDeploy}
		w := e.watched[f.Environment]
		if w == nil { // an entry without an environment, which only Read sees
			continue
		}
		if i := w.index(f); i >= 0 {
			shown.Appeared, shown.Superseded = !w.entries[i].first, w.superseded(i, l.of(f.Environment))
		}
		list = append(list, shown)
	}
	return list
}

// watched is one environment of a watch, over all looks.
type watched struct {
	// entries are all that the looks have shown, in the order in which they appeared.
	entries []*entry
	// older is the date of staging that none of them can have made.
	older codemanager.Timestamp
	// staging is what the last entry staged, nil if it has not left.
	staging *staging

	status      Status
	began, seen time.Time
}

func (w *watched) see(r *records, isFirst, gap, brief bool, c *compilers) {
	w.add(r, isFirst)
	dated := brief && w.isDated(r)
	begun := false
	for _, e := range w.entries {
		e.see(r, !gap || dated)
		begun = begun || e.state != waits || e.status == codemanager.StatusDeploying
	}
	for _, e := range w.add(r, isFirst) { // an id that appeared now told an entry from another
		e.see(r, false)
	}
	if !begun {
		w.older = r.date()
	}
	last := w.last()
	switch {
	case last == nil || last.state != left:
		w.staging = nil
	case w.staging == nil && r.staged != nil:
		w.staging = newStaging(*r.staged, dated)
	}
	if w.staging != nil {
		w.staging.see(c)
	}
}

// add adds and returns the entries that are new.
func (w *watched) add(r *records, isFirst bool) []*entry {
	known := len(w.entries)
	for _, q := range r.inOrder() {
		if w.index(q) < 0 {
			w.entries = append(w.entries, &entry{record: q, first: isFirst, early: isFirst && q.status == codemanager.StatusFailed})
		}
	}
	return w.entries[known:]
}

// index is the place of a record's entry, -1 if it is new.
func (w *watched) index(r record) int {
	return slices.IndexFunc(w.entries, func(e *entry) bool { return e.same(r) })
}

// last is the last deployment that was seen in flight, or that failed during the watch; nil without.
func (w *watched) last() *entry {
	for _, e := range slices.Backward(w.entries) {
		if !e.early {
			return e
		}
	}
	return nil
}

// waiting is the deployment in the queue that has come farthest, nil if the queue has none.
func (w *watched) waiting() *entry {
	var far *entry
	for _, e := range w.entries {
		if e.state == waits && (far == nil || Urgency(e.status) < Urgency(far.status)) {
			far = e
		}
	}
	return far
}

// failure is the latest failure that counts, nil without.
func (w *watched) failure(r *records) *entry {
	for i, e := range slices.Backward(w.entries) {
		if e.state == failed && !w.superseded(i, r) {
			return e
		}
	}
	return nil
}

// superseded reports whether an environment was deployed after a failure: a later entry left, or there
// is a later staging. That the server no longer lists the failure proves nothing.
func (w *watched) superseded(failure int, r *records) bool {
	for _, e := range w.entries[failure+1:] {
		if e.state == left {
			return true
		}
	}
	e := w.entries[failure]
	date, ok := r.date().Time()
	later := ok && !e.at.IsZero() && !date.Before(e.at.Truncate(time.Second))
	return later && (e.early || !sameTime(r.date(), e.dateAtFailure))
}

// isDated reports whether only the one deployment that was seen can have made the date (rule 4).
func (w *watched) isDated(r *records) bool {
	var seen *entry
	for _, e := range w.entries {
		if !e.early && seen != nil {
			return false
		}
		if !e.early {
			seen = e
		}
	}
	date, ok := r.date().Time()
	return ok && seen != nil && !seen.at.IsZero() && !sameTime(r.date(), w.older) && !date.Before(seen.at)
}

// note returns when the environment was first seen, and when in this status.
func (w *watched) note(status Status, at time.Time) (began, seen time.Time) {
	if w.began.IsZero() {
		w.began = at
	}
	if w.seen.IsZero() || w.status != status {
		w.status, w.seen = status, at
	}
	return w.began, w.seen
}
