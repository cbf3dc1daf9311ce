package follow

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// watched is an estate without a request: every entry that a look shows counts.
type watched struct{ estate }

// Read turns one answer of deploys/status into a State. With names of environments, or of their
// branches, it leaves out all others.
func Read(status *codemanager.DeploysStatus, names []string) *State {
	now := Options{}.now()
	w := watched{newEstate(names, newCompilers(0))}
	return w.see(newLook(status, now, now))
}

func (w *watched) wants(name string) bool {
	return len(w.names) == 0 || slices.ContainsFunc(w.names, func(n string) bool { return n == name || codemanager.EnvironmentName(n) == name })
}

// see records a good look.
func (w *watched) see(l *look) *State {
	gap, brief := false, true
	if w.first == nil {
		w.first = l
	} else {
		gap, brief = w.gap(l)
	}
	w.compilers.see(l)
	w.extend(l)
	for name, e := range w.environments {
		r := l.of(name)
		e.note(r)
		e.ours = e.latest()
		e.see(r, gap, brief, w.compilers)
		w.compilers.place(&e.Environment)
		// What the first look has may be the result of the deployment already.
		e.BeforeKnown = e.BeforeKnown || r.staged != nil && (e.first.staged == nil || *r.staged != *e.first.staged)
		e.derive(r, w.compilers)
		e.set(e.watchedStatus(r, w.compilers), "", l.answered.mono)
	}
	w.saw(l)
	order := w.order()
	state := w.state(order, func(_ string, h *compiler) (int, bool) {
		different := 0
		for _, name := range order {
			staged := l.of(name).staged
			if d, ok := h.has[name]; staged != nil && (!ok || !h.isCurrent(d, staged)) {
				different++
			}
		}
		return different, different > 0 || !h.Synced && len(w.names) == 0
	})
	state.Failures = w.failures(l)
	return state
}

// extend adds the environments of a look.
func (w *watched) extend(l *look) {
	there := slices.Collect(maps.Keys(l.environments))
	for _, h := range w.compilers.hosts {
		there = slices.AppendSeq(there, maps.Keys(h.has))
	}
	for _, name := range there {
		if w.wants(name) && name != "" && w.environments[name] == nil {
			w.include(name)
			w.environments[name].older = l.of(name).date() // it may have been staged before this look
			w.environments[name].BeforeKnown = false
		}
	}
}

// order are the environments of which something is there, in the order in which they were asked for, or
// sorted.
func (w *watched) order() []string {
	known := slices.DeleteFunc(slices.Sorted(maps.Keys(w.environments)), func(name string) bool { return w.environments[name].Status == Unseen })
	if len(w.names) == 0 {
		return known
	}
	var order []string
	for _, asked := range w.names {
		for _, name := range []string{asked, codemanager.EnvironmentName(asked)} {
			if slices.Contains(known, name) && !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
	}
	return order
}

func (w *watched) failures(l *look) []Failure {
	var failed []record
	for name := range w.environments {
		failed = append(failed, l.of(name).failed...)
	}
	slices.SortFunc(failed, func(a, b record) int {
		return cmp.Or(byQueue(b, a), cmp.Compare(a.Environment, b.Environment))
	})
	var list []Failure
	for _, f := range failed {
		e := w.environments[f.Environment]
		list = append(list, Failure{
			QueuedDeploy: f.QueuedDeploy, Appeared: f.in(e.first.all()) == nil, Superseded: e.superseded(e.index(f), l.of(f.Environment)),
		})
	}
	return list
}

// latest is the last deployment that was seen in flight, or that failed during the watch.
func (e *environment) latest() []*entry {
	for i, d := range slices.Backward(e.entries) {
		if !e.over(d) {
			return e.entries[i : i+1]
		}
	}
	return nil
}

// watchedStatus derives the status: from the deployments in the queue; else from the latest failure that
// counts, or a deployment that is lost; else from the staged or live code.
func (e *environment) watchedStatus(r *records, c *compilers) Status {
	waiting, failure := farthest(e.entries), e.failure(r)
	switch {
	case waiting != nil:
		return waiting.status
	case failure != nil:
		return codemanager.StatusFailed
	case e.all(lost):
		return Lost
	case r.staged == nil && len(c.commits(e.Name)) == 0:
		return Unseen
	case r.staged == nil:
		return Live
	case e.staging != nil && e.staging.everywhere(c), e.staging == nil && e.Everywhere:
		return codemanager.StatusComplete
	default:
		return Syncing
	}
}

// derive fills in what a look tells about the environment, and about the entry that gives its status.
func (e *environment) derive(r *records, c *compilers) {
	e.Signature, e.Since, e.ID, e.Error = e.Current, r.date(), "", nil
	if commits := c.commits(e.Name); r.staged == nil && len(commits) == 1 {
		e.Signature = commits[0]
	}
	if waiting := farthest(e.entries); waiting != nil {
		e.Since, e.ID = waiting.QueuedAt, waiting.ID
	} else if failure := e.failure(r); failure != nil {
		e.Since, e.ID, e.Error = failure.QueuedAt, failure.ID, unexplained(failure.Error)
	}
}

// failure is the latest failure that counts, nil without.
func (e *environment) failure(r *records) *entry {
	for i, d := range slices.Backward(e.entries) {
		if d.state == failed && !e.superseded(i, r) {
			return d
		}
	}
	return nil
}

// superseded reports whether an environment was deployed after a failure: a later entry left, or there
// is a later staging. That the server no longer lists the failure proves nothing.
func (e *environment) superseded(failure int, r *records) bool {
	if slices.ContainsFunc(e.entries[failure+1:], func(d *entry) bool { return d.state == left }) {
		return true
	}
	f := e.entries[failure]
	date, ok := r.date().Time()
	later := ok && !f.at.IsZero() && !date.Before(f.at.Truncate(time.Second))
	return later && (e.over(f) || !sameTime(r.date(), f.dateAtFailure))
}
