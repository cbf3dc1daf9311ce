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
	now := time.Now()
	return newEstate(names).see(newLook(status, now, now))
}

// estate is the subject of the loop for a watch without a request.
type estate struct {
	names []string
	fleet fleet
	// appeared are failures that began during the watch, each with the date of staging when it was
	// first seen. Only a later staging supersedes the failure.
	appeared map[entry]codemanager.Timestamp
	// completed are, for each environment, the last entry that left the queue without failing.
	completed map[string]queued
	// lost are, for each environment, the last entry that left the queue while looks failed.
	lost        map[string]queued
	first, last *look
	// gap is true if a look failed since the last successful one.
	gap bool
	// waited is the number of compilers to wait for at the latest look.
	waited int
	// seen is when the status of each environment was first seen.
	seen map[string]Environment
}

func newEstate(names []string) *estate {
	return &estate{
		names: names, appeared: map[entry]codemanager.Timestamp{},
		completed: map[string]queued{}, lost: map[string]queued{}, seen: map[string]Environment{},
	}
}

func (e *estate) wants(name string) bool {
	return len(e.names) == 0 || slices.ContainsFunc(e.names, func(n string) bool { return n == name || codemanager.EnvironmentName(n) == name })
}

// order are the watched environments of a look and those that were lost, in the order in which they were
// asked for, or sorted.
func (e *estate) order(l *look) []string {
	known := slices.AppendSeq(slices.Collect(maps.Keys(l.environments)), maps.Keys(e.lost))
	slices.Sort(known)
	if known = slices.Compact(known); len(e.names) == 0 {
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

// see records a successful look.
func (e *estate) see(l *look) *State {
	e.fleet.see(l)
	e.remember(l)
	same := e.compare(l)
	staged := 0
	state := &State{Clock: l.clock, Failures: e.failures(l)}
	for _, name := range e.order(l) {
		if l.of(name).staged != nil {
			staged++
		}
		state.Environments = append(state.Environments, e.since(e.environment(name, l), l))
	}
	state.Compilers = e.fleet.compilers(func(name string, h *host) (int, bool) {
		different := staged - same[name]
		return different, different > 0 || !h.Synced && len(e.names) == 0
	})
	return state
}

// compare compares the code of the compilers with the staged code, in one pass. It returns, for
// each host, how many of its environments match the staged ones.
func (e *estate) compare(l *look) map[string]int {
	same := map[string]int{}
	e.waited = 0
	for name, h := range e.fleet.hosts {
		waited := !e.fleet.down(h)
		if waited {
			e.waited++
		}
		for _, d := range h.Deployed {
			if d.Environment == "" { // an element that is null
				continue
			}
			s := l.sight(d.Environment)
			if !slices.Contains(s.live, d.DeploySignature) {
				s.live = append(s.live, d.DeploySignature)
			}
			if waited {
				s.held++
			}
			if s.staged == nil || !h.hasStaged(d, s.staged) {
				continue
			}
			if e.wants(d.Environment) {
				same[name]++
			}
			if waited && !h.missing {
				s.on++
			}
		}
	}
	return same
}

// remember notes the failures that appeared since the first look, and the entries that left the
// queue without failing, if no look in between failed.
func (e *estate) remember(l *look) {
	last, gap := e.last, e.gap || l.unclear
	e.last, e.gap = l, false
	if e.first == nil {
		e.first = l
		return
	}
	for name, was := range last.environments {
		is := l.of(name)
		for _, q := range was.inFlight {
			switch left := find(is.all(), q.entry()) == nil; {
			case left && gap:
				keepLast(e.lost, q)
			case left && is.staged != nil:
				keepLast(e.completed, q)
			}
		}
	}
	for _, s := range l.environments {
		for _, f := range s.failed {
			if _, known := e.appeared[f.entry()]; !known && find(e.first.of(f.Environment).failed, f.entry()) == nil {
				e.appeared[f.entry()] = s.date()
			}
		}
	}
}

// keepLast keeps the last entry of each environment in the order of the queue.
func keepLast(entries map[string]queued, q queued) {
	if old, known := entries[q.Environment]; !known || byQueue(q, old) > 0 {
		entries[q.Environment] = q
	}
}

// isLost reports whether the last deployment of an environment left the queue while looks failed, and
// nothing shows that it was staged.
func (e *estate) isLost(name string, s *sight) bool {
	lost, ok := e.lost[name]
	if done, known := e.completed[name]; !ok || known && byQueue(done, lost) > 0 {
		return false
	}
	staged, okStaged := s.date().Time()
	queued, okQueued := lost.QueuedAt.Time()
	return !okStaged || !okQueued || staged.Before(queued.Truncate(time.Second))
}

// environment derives one environment: from the deployment in the queue; else from the latest
// failure, unless the environment was deployed since; else from the staged or live code.
func (e *estate) environment(name string, l *look) Environment {
	s, result := l.of(name), Environment{Name: name}
	result.Staged, result.On = s.staged != nil, s.held
	result.Everywhere = result.Staged && s.on == e.waited
	if s.staged != nil {
		result.Signature, result.Since = s.staged.DeploySignature, s.staged.Date
	} else if len(s.live) == 1 {
		result.Signature = s.live[0]
	}
	failure := latest(s.failed)
	switch {
	case len(s.inFlight) > 0:
		far := slices.MinFunc(s.inFlight, func(a, b queued) int { return Urgency(a.status) - Urgency(b.status) })
		result.Status, result.Since, result.ID = far.status, far.QueuedAt, far.ID
	case failure != nil && !e.superseded(*failure, s):
		result.Status, result.Since, result.ID = codemanager.StatusFailed, failure.QueuedAt, failure.ID
		result.Error = unexplained(failure.Error)
	case e.isLost(name, s):
		result.Status = Lost
	case s.staged == nil:
		result.Status = Live
		if len(s.failed) > 0 && result.Signature == "" {
			result.Status = codemanager.StatusFailed
		}
	case s.on == e.waited:
		result.Status = codemanager.StatusComplete
	default:
		result.Status = Syncing
	}
	return result
}

// since adds the time at which the status was first seen.
func (e *estate) since(environment Environment, l *look) Environment {
	before, known := e.seen[environment.Name]
	environment.Began, environment.Seen = l.at, l.at
	if known {
		environment.Began = before.Began
		if before.Status == environment.Status {
			environment.Seen = before.Seen
		}
	}
	e.seen[environment.Name] = environment
	return environment
}

// hasStaged reports whether a compiler has the staged code: the same commit, and not from an older
// staging, unless the server says that the compiler is in sync.
func (h *host) hasStaged(d codemanager.DeployedEnvironment, staged *codemanager.DeployedEnvironment) bool {
	return d.DeploySignature == staged.DeploySignature && (h.Synced || !before(d.Date, staged.Date))
}

// superseded reports whether an environment was deployed after a failure: a later entry left the
// queue without failing, or it was staged after the failed entry was queued and, if the failure
// appeared during the watch, after it appeared.
func (e *estate) superseded(failure queued, s *sight) bool {
	if done, known := e.completed[failure.Environment]; known && byQueue(done, failure) > 0 {
		return true
	}
	if date, appeared := e.appeared[failure.entry()]; appeared && date == s.date() {
		return false
	}
	staged, okStaged := s.date().Time()
	failed, okFailed := failure.QueuedAt.Time()
	return okStaged && okFailed && !staged.Before(failed.Truncate(time.Second))
}

func (e *estate) failures(l *look) []Failure {
	var failed []queued
	for name, s := range l.environments {
		if e.wants(name) {
			failed = append(failed, s.failed...)
		}
	}
	slices.SortFunc(failed, func(a, b queued) int {
		return cmp.Or(byQueue(b, a), cmp.Compare(a.Environment, b.Environment))
	})
	var list []Failure
	for _, f := range failed {
		_, appeared := e.appeared[f.entry()]
		list = append(list, Failure{QueuedDeploy: f.QueuedDeploy, Superseded: e.superseded(f, l.of(f.Environment)), Appeared: appeared})
	}
	return list
}

// unexplained is the error of a failure for which the server gives no reason.
func unexplained(e *codemanager.ErrorObject) *codemanager.ErrorObject {
	if e == nil {
		return &codemanager.ErrorObject{}
	}
	return e
}
