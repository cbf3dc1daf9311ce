package follow

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// request is a request for a deployment, with the evidence about it. Its names are nil for all.
type request struct {
	estate

	sent instant
	// sealed is true once no later entry can be ours (rule 3).
	sealed bool
	// busy is the last good look at which ours waited or were synced, or, if ours are not known, anybody's
	// entry was in the queue; nil before.
	busy *look
}

func newRequest(names []string, first *look, sent instant) *request {
	r := &request{estate: newEstate(names, newCompilers(downWatched)), sent: sent}
	r.first, r.last = first, first
	for _, name := range names {
		r.include(name)
	}
	if first == nil {
		for _, e := range r.environments {
			e.Evidence = "the look before the request failed: only the server's answer decides"
		}
		return r
	}
	r.compilers.see(first)
	if names == nil { // rule 7
		for name, e := range first.environments {
			if e.staged != nil {
				r.include(name)
			}
		}
		for _, h := range r.compilers.hosts {
			for name := range h.has {
				r.include(name)
			}
		}
	}
	for _, e := range r.environments {
		e.vanish(first, true, r.compilers)
		r.compilers.place(&e.Environment)
	}
	return r
}

// window is the time after the request in which new entries are ours (rule 3). The server lists the
// branches before it queues a deployment of all.
func (r *request) window() time.Duration {
	if r.names == nil {
		return 90 * time.Second
	}
	return 5 * time.Second
}

// see records a good look.
func (r *request) see(l *look) {
	r.compilers.see(l)
	if r.first != nil { // rule 2: without a first look, looks prove nothing
		gap, brief := r.gap(l)
		r.find(l)
		for _, e := range r.environments {
			e.see(l.of(e.Name), gap, brief, r.compilers)
			e.judge(l.answered.mono, r.compilers)
			if r.names == nil {
				e.vanish(l, gap, r.compilers)
			}
		}
	}
	for _, e := range r.environments {
		r.compilers.place(&e.Environment)
	}
	r.saw(l)
	if r.progresses(l.answered.mono) || !r.knowsOurs() && l.queues() {
		r.busy = l
	}
}

// find recognizes our entries (rule 3): those that the first look lacks, in the first look that has any,
// as long as no look has failed and the process has not paused.
func (r *request) find(l *look) {
	late := r.sent.to(l.asked) > r.window()
	if r.names == nil && !late {
		r.extend(l)
	}
	r.sealed = r.sealed || r.missed != nil || paused(r.last, l) || late
	for _, e := range r.environments {
		fresh := e.note(l.of(e.Name))
		if !r.sealed && (r.names == nil || len(e.ours) == 0) {
			e.ours = append(e.ours, fresh...)
		}
	}
}

// extend adds what is new to a deployment of all (rule 7). An environment that is staged, and of which no
// look shows an entry, was deployed between two looks.
func (r *request) extend(l *look) {
	for name, e := range l.environments {
		known := r.first.of(name).all()
		if e.staged != nil || slices.ContainsFunc(e.all(), func(q record) bool { return q.in(known) == nil }) {
			r.include(name)
		}
	}
}

// looksForOurs reports whether entries of ours may still appear.
func (r *request) looksForOurs() bool { return r.first != nil && !r.sealed && !r.knowsOurs() }

// knowsOurs reports whether there is an entry of ours for each environment.
func (r *request) knowsOurs() bool {
	for _, t := range r.environments {
		if len(t.ours) == 0 && t.Status != gone {
			return false
		}
	}
	return len(r.environments) > 0
}

// waits reports whether an entry of ours is in the queue.
func (r *request) waits() bool {
	for _, e := range r.environments {
		if farthest(e.ours) != nil {
			return true
		}
	}
	return false
}

// progresses reports whether ours wait, or are being synced to the compilers.
func (r *request) progresses(now time.Time) bool {
	if r.waits() {
		return true
	}
	for _, t := range r.environments {
		if t.Status == Syncing && now.Sub(t.Seen) < outageFor {
			return true
		}
	}
	return false
}

// decided reports whether there is evidence for the outcome of every environment, and since when.
func (r *request) decided() (since time.Time, ok bool) {
	some := false
	for _, t := range r.environments {
		if !Settled(t.Status) && t.Status != gone {
			return time.Time{}, false
		}
		some = some || Settled(t.Status)
		since = later(since, t.Seen)
	}
	return since, some
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// end takes the end of the request. The answer decides if it calls each environment complete or
// failed; any other answer counts as lost (rule 1).
func (r *request) end(a answer) (list []codemanager.Deployment, done bool, err error) {
	switch {
	case a.err == nil && r.decides(a.list):
		return a.list, true, nil
	case a.err == nil:
		a.err = ErrUndecided
	case !Unanswered(a.err, r.last != nil):
		return nil, true, a.err
	}
	r.ended = &a
	return nil, false, nil
}

// ErrUndecided is the end of a request whose answer does not have an outcome for each environment.
var ErrUndecided = errors.New("the server answered before the deployment ended")

func (r *request) decides(list []codemanager.Deployment) bool {
	answered := map[string]bool{}
	for _, d := range list {
		if d.Status != codemanager.StatusComplete && !d.Failed() {
			return false
		}
		answered[d.Environment] = true
	}
	return !slices.ContainsFunc(r.names, func(name string) bool { return !answered[name] && !answered[codemanager.EnvironmentName(name)] })
}

// state is the part of the estate that belongs to the request.
func (r *request) state() *State {
	order := r.names
	if order == nil {
		order = slices.Sorted(maps.Keys(r.environments))
	}
	order = slices.DeleteFunc(slices.Clone(order), func(name string) bool { return r.environments[name].Status == gone })
	return r.estate.state(order, func(host string, _ *compiler) (int, bool) {
		count := 0
		for _, e := range r.environments {
			if e.Status == Syncing && !e.staging.arrived[host] {
				count++
			}
		}
		return count, count > 0
	})
}
