package follow

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// request is a request for a deployment, with the evidence about it.
type request struct {
	looks

	// names are the environments in the order of the request; nil for all.
	names     []string
	sent      instant
	tracked   map[string]*tracked
	compilers *compilers
	// sealed is true once no later entry can be ours (rule 3).
	sealed bool
	// broken is how the request ended without an answer that decides, nil while it is open.
	broken error
	// answered is when the last good look was answered, queued when one had an entry of ours, or, if
	// ours are not known, of anybody; progress when ours waited or were synced. At first the time of the
	// request.
	answered, queued, progress time.Time
}

func newRequest(names []string, first *look, sent instant) *request {
	r := &request{
		looks: looks{first: first, last: first}, names: names, sent: sent, tracked: map[string]*tracked{},
		compilers: newCompilers(downWatched), answered: sent.mono, queued: sent.mono, progress: sent.mono,
	}
	for _, name := range names {
		r.include(name)
	}
	if first == nil {
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
			for _, d := range h.Deployed {
				r.include(d.Environment)
			}
		}
	}
	for _, t := range r.tracked {
		t.seeOthers(first, first)
		t.vanish(first, true, r.compilers)
	}
	return r
}

// include adds an environment to the request.
func (r *request) include(name string) {
	if name == "" || r.tracked[name] != nil {
		return
	}
	t := &tracked{Environment: Environment{Name: name}}
	if t.Evidence = "the look before the request failed: only the server's answer decides"; r.first != nil {
		t.older, t.Evidence = r.first.of(name).date(), ""
		t.BeforeKnown = true
		if staged := r.first.of(name).staged; staged != nil {
			t.Before = staged.DeploySignature
		}
	}
	r.tracked[name] = t
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
		for _, t := range r.tracked {
			t.seeOthers(r.first, l)
			t.see(l, gap, brief, r.compilers)
			if r.names == nil {
				t.vanish(l, gap, r.compilers)
			}
		}
	}
	r.last, r.missed, r.answered = l, nil, l.answered.mono
	if r.waits() || !r.knowsOurs() && l.queues() {
		r.queued = r.answered
	}
	if r.progresses(r.answered) {
		r.progress = r.answered
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
	if r.sealed {
		return
	}
	for _, t := range r.tracked {
		if r.names == nil || len(t.ours) == 0 {
			t.find(r.first, l)
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
	for _, t := range r.tracked {
		if len(t.ours) == 0 && t.Status != gone {
			return false
		}
	}
	return len(r.tracked) > 0
}

// waits reports whether an entry of ours is in the queue.
func (r *request) waits() bool {
	for _, t := range r.tracked {
		if slices.ContainsFunc(t.ours, func(e *entry) bool { return e.state == waits }) {
			return true
		}
	}
	return false
}

// queues reports whether anybody's entry is in the queue.
func (l *look) queues() bool {
	return len(l.status.Deploys.New)+len(l.status.Deploys.Queued)+len(l.status.Deploys.Deploying) > 0
}

// progresses reports whether ours wait, or are being synced to the compilers.
func (r *request) progresses(now time.Time) bool {
	if r.waits() {
		return true
	}
	for _, t := range r.tracked {
		if t.Status == Syncing && now.Sub(t.Seen) < outageFor {
			return true
		}
	}
	return false
}

// decided reports whether there is evidence for the outcome of every environment, and since when.
func (r *request) decided() (since time.Time, ok bool) {
	some := false
	for _, t := range r.tracked {
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

// ended takes the end of the request. The answer decides if it calls each environment complete or
// failed; any other answer counts as lost (rule 1).
func (r *request) ended(a answer) (list []codemanager.Deployment, done bool, err error) {
	switch {
	case a.err == nil && r.decides(a.list):
		return a.list, true, nil
	case a.err == nil:
		r.broken = ErrUndecided
	case !Unanswered(a.err, r.last != nil):
		return nil, true, a.err
	default:
		r.broken = a.err
	}
	r.looks.ended = a.at
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

// order are the names of all environments, in the order of the request or sorted.
func (r *request) order() []string {
	if r.names != nil {
		return r.names
	}
	return slices.Sorted(maps.Keys(r.tracked))
}

// state is the part of the estate that belongs to the request.
func (r *request) state() *State {
	state := &State{first: r.first, compilers: r.compilers}
	if r.last != nil {
		state.Clock = r.last.clock
	}
	covered, waited := map[string]*coverage{}, 0
	if r.last != nil {
		covered, _, waited = r.compilers.cover(func(name string) bool { return r.tracked[name] != nil })
	}
	for _, name := range r.order() {
		if t := r.tracked[name]; t.Status != gone {
			e := t.Environment
			if r.last != nil {
				e.place(r.last.of(name), covered[name], waited)
			}
			state.Environments = append(state.Environments, e)
		}
	}
	state.Compilers = r.compilers.list(func(host string, _ *compiler) (int, bool) {
		count := 0
		for _, t := range r.tracked {
			if t.Status == Syncing && !t.staging.arrived[host] {
				count++
			}
		}
		return count, count > 0
	})
	return state
}
