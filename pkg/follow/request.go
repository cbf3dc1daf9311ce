package follow

import (
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Limits of a wait, by the clock of this machine.
const (
	// unseenFor is how long successful looks may show no trace of a request that ended without an
	// answer. It is longer for a deployment of all, because the server lists the branches first.
	unseenFor    = 30 * time.Second
	unseenForAll = 90 * time.Second
	// heldFor is how long a request may be open without an entry in the queue: the server's own
	// limit is 700 s.
	heldFor = 15 * time.Minute
	// settledFor is how long looks must show that everything is finished before an open request
	// counts as dead.
	settledFor = 30 * time.Second
	// downWatched is how long the check-in of a compiler must be unchanged.
	downWatched = 30 * time.Second
	// noCheckInFor is how long to wait for the first check-in of any compiler.
	noCheckInFor = 30 * time.Second
	// outageFor limits the wait for a server that does not answer, stagedFor the wait for
	// compilers.
	outageFor = time.Hour
	stagedFor = time.Hour
	// refusedFor limits the looks at a server that a gateway could not reach and that never
	// answered, unsupportedFor the looks at a server without deploys/status.
	refusedFor     = 2 * time.Minute
	unsupportedFor = 30 * time.Second
)

// request is the subject of the loop for a wait with a request, with the evidence about it.
type request struct {
	// names are the environments in the order of the request; nil for all.
	names []string
	sent  time.Time
	first *look
	// server is the earliest time that the server's clock can have shown at sent.
	server  time.Time
	tracked map[string]*tracked
	fleet   fleet

	// answer is the server's answer, nil without an answer. unsent is true if the request never left.
	answer []codemanager.Deployment
	unsent bool
	// broken is how the request ended without an answer, nil while it is open.
	broken   error
	brokenAt time.Time
	// gap is true until the next successful look, after anything was missed.
	gap bool
	// looked is the latest successful look after the request.
	looked *look
	// missed is the error of the latest look, missedAt the time of the first failed look in a row.
	missed   error
	missedAt time.Time
	// unsupported is true as long as every look suggests a server without deploys/status.
	unsupported bool
	// active is when our entries were last seen in the queue, or a new staging was found; at the
	// earliest when the request was sent.
	active time.Time
	// settledAt is when looks first showed that everything is finished.
	settledAt time.Time
	// silent is for how long successful looks have shown no environment at all.
	silent time.Duration
	// noCheckIn is the time from which no compiler has ever checked in.
	noCheckIn time.Time
}

func newRequest(names []string, first *look) *request {
	r := &request{names: names, first: first, tracked: map[string]*tracked{}, unsupported: true}
	r.fleet.patience = downWatched
	if first != nil {
		r.fleet.see(first)
	}
	for _, name := range names {
		r.include(name)
	}
	if first != nil && names == nil {
		r.includeAll(first)
	}
	return r
}

// include adds an environment to the request.
func (r *request) include(name string) {
	if name == "" || r.tracked[name] != nil {
		return
	}
	t := &tracked{Environment: Environment{Name: name}, others: map[entry]bool{}}
	if r.first != nil {
		t.before = r.first.of(name)
		t.baseline, t.wasStaged = r.first.olderDate(name), t.before.staged != nil
		for _, q := range t.before.inFlight {
			t.others[q.entry()] = false
		}
	}
	r.tracked[name] = t
}

func (r *request) see(l *look) *State {
	r.setClock(l)
	m := moment{look: l, gap: r.gap || r.looked == nil || l.unclear, sent: r.server, earliest: r.looked == nil}
	if r.looked != nil && !r.gap {
		m.passed = l.at.Sub(r.looked.at)
	}
	if r.names == nil {
		r.extend(m)
	}
	r.fleet.see(l)
	if len(r.tracked) == 0 {
		r.silent += m.passed
	}
	for _, name := range r.order() {
		t := r.tracked[name]
		was := t.staged
		t.see(m)
		t.arrive(m, &r.fleet)
		r.vanish(t, m)
		if t.wasQueued || t.staged != nil && was == nil {
			r.active = l.at
		}
	}
	r.looked, r.missed, r.unsupported = l, nil, false
	r.gap = r.broken != nil && l.asked.Before(r.brokenAt) // it may tell of the time before the break
	r.settledAt = since(r.settledAt, r.settled(), l.at)
	r.noCheckIn = since(r.noCheckIn, r.fleet.silent(), l.at)
	return r.state()
}

// since is the time from which a condition has held without a break: from, now, or zero.
func since(from time.Time, holds bool, now time.Time) time.Time {
	switch {
	case !holds:
		return time.Time{}
	case from.IsZero():
		return now
	default:
		return from
	}
}

// setClock derives the server's clock at the time of the request: its clock at this answer, less
// the time since the request. A faster answer makes it more exact.
func (r *request) setClock(l *look) {
	if l.clock.IsZero() {
		return
	}
	if at := l.clock.Add(-l.at.Sub(r.sent)); at.After(r.server) {
		r.server = at
	}
}

// everAnswered reports whether any look was answered, before the request or after.
func (r *request) everAnswered() bool { return r.first != nil || r.looked != nil }

func (r *request) miss(err error, at time.Time) {
	r.gap = true
	if r.missed == nil {
		r.missedAt = at
	}
	r.missed = err
	r.unsupported = r.unsupported && isUnsupported(err)
}

// order are the names of all environments, in the order of the request or sorted.
func (r *request) order() []string {
	if r.names != nil {
		return r.names
	}
	return slices.Sorted(maps.Keys(r.tracked))
}

// settled reports whether there is evidence for the outcome of every environment.
func (r *request) settled() bool {
	some := false
	for _, t := range r.tracked {
		if !t.over() {
			return false
		}
		some = some || Settled(t.Status)
	}
	return some
}

// progressing reports whether an environment is in the queue or being synced to the compilers.
func (r *request) progressing(now time.Time) bool {
	for _, t := range r.tracked {
		if t.wasQueued && !Settled(t.Status) || t.Status == Syncing && now.Sub(t.Seen) < stagedFor {
			return true
		}
	}
	return false
}

// unseen reports whether, for too long, successful looks have shown no trace of any environment
// that lacks an outcome.
func (r *request) unseen() bool {
	limit := unseenFor
	if r.names == nil {
		limit = unseenForAll
	}
	for _, t := range r.tracked {
		if !t.over() && t.Status != Syncing && t.silent < limit {
			return false
		}
	}
	return len(r.tracked) > 0 || r.silent >= limit
}

// state is the part of the estate that belongs to the request.
func (r *request) state() *State {
	state := &State{}
	if r.looked != nil {
		state.Clock = r.looked.clock
	}
	for _, name := range r.order() {
		if t := r.tracked[name]; !t.vanished {
			state.Environments = append(state.Environments, t.Environment)
		}
	}
	state.Compilers = r.fleet.compilers(func(host string, _ *host) (int, bool) {
		count := 0
		for _, t := range r.tracked {
			if t.staged != nil && t.Status == Syncing && !t.arrived[host] {
				count++
			}
		}
		return count, count > 0
	})
	return state
}

// allStaged reports whether every environment is staged, failed or gone.
func (r *request) allStaged() bool {
	for _, t := range r.tracked {
		if !t.over() && t.Status != Syncing {
			return false
		}
	}
	return len(r.tracked) > 0
}
