package codemanager

import (
	"slices"
	"strings"
	"time"
)

// The rules by which following tells what became of a deployment, from one
// answer of deploys/status after the other. docs/following.md explains them;
// both change together. Times of the server are compared with each other only.

// downAfter is how much longer than another compiler one must have been silent
// to be taken for down, by the server's clock.
const downAfter = 15 * time.Minute

// settler knows what was seen of one deployment.
type settler struct {
	// named are the environments that were asked for; nil for all of them.
	named []string
	// sent is when the request left, by the clock of this machine.
	sent time.Time
	// from is the earliest time that the server's clock can have shown when
	// the request came, zero where nothing tells.
	from time.Time
	// doubtful is true once the server may have lost the deployment: it could
	// not be reached, or a proxy said so. Then silence is no success.
	doubtful bool
	// held is true while the request that waits may still be answered.
	held bool
	seen map[string]*sighting
	// began is the first look since the request is not held any more.
	began time.Time
}

// sighting is what was seen of one environment.
type sighting struct {
	progress EnvironmentProgress
	// own is this deployment in the server's queue, nil where it was not seen there.
	own *QueuedDeploy
	// staged is what the primary has, nil of nothing.
	staged *DeployedEnvironment
	// number is that of its name in the last snapshot, see newCompilers.
	number int64
	// quiet is since when there is no trace of the deployment, zero while there is.
	quiet time.Time
}

func newSettler(named []string, sent time.Time) *settler {
	s := &settler{named: named, sent: sent, held: true, seen: map[string]*sighting{}}
	for _, name := range named {
		s.include(name)
	}
	return s
}

// include makes an environment one of the deployment's.
func (s *settler) include(name string) {
	if s.seen[name] == nil {
		s.seen[name] = &sighting{progress: EnvironmentProgress{Name: name}}
	}
}

// look takes an answer in, which came at now, and says how far things are.
func (s *settler) look(snapshot *Snapshot, now time.Time) Progress {
	s.setFrom(snapshot, now)
	index := indexSnapshot(snapshot)
	s.extend(index)
	for _, name := range s.names() {
		s.seen[name].staged = index.of(name).staged
	}
	compilers := newCompilers(snapshot, s.seen)
	for _, name := range s.names() {
		s.judge(s.seen[name], index.of(name), compilers, now)
	}
	return s.progress(compilers)
}

// release tells the settler that the request is not held any more: from now on
// deploys/status alone says what becomes of the deployment.
func (s *settler) release(now time.Time) {
	s.held, s.began = false, now
	for _, seen := range s.seen {
		seen.quiet = time.Time{}
	}
}

// setFrom works out what the server's clock showed when the request came: not
// less than a compiler's last check-in in this answer, less the time since. An
// answer that comes soon after a check-in makes it more exact.
func (s *settler) setFrom(snapshot *Snapshot, now time.Time) {
	for _, c := range snapshot.Compilers {
		if c.LastCheckIn == nil {
			continue
		}
		if t, ok := c.LastCheckIn.Time(); ok {
			if from := t.Add(-now.Sub(s.sent)); from.After(s.from) {
				s.from = from
			}
		}
	}
}

// extend finds the environments of a deployment of all: those in the queue,
// those that failed or were staged since.
func (s *settler) extend(index snapshotIndex) {
	if s.named != nil {
		return
	}
	for name, e := range index {
		staged, isStaged := e.stagedAt()
		failed, hasFailed := e.failedAt()
		switch {
		case len(e.inFlight) > 0,
			!s.from.IsZero() && isStaged && !staged.Before(second(s.from)),
			!s.from.IsZero() && hasFailed && !failed.Before(s.from):
			s.include(name)
		}
	}
}

// judge says what an environment's status is after this look.
func (s *settler) judge(seen *sighting, e environmentIndex, compilers *compilers, now time.Time) {
	if seen.progress.Settled() && !s.held {
		// What others deploy later changes nothing of the outcome.
		return
	}
	s.recognize(seen, e.inFlight)
	failure := newest(e.failed)
	switch {
	case failure != nil && s.isNew(*failure, seen, e):
		seen.progress.Error, seen.progress.ID = orUnexplained(failure.Error), failure.ID
		seen.set(StatusFailed, now)
	case len(e.inFlight) > 0:
		seen.quiet = time.Time{}
		seen.set(furthest(e.inFlight), now)
		if seen.own != nil && among(*seen.own, e.inFlight) {
			s.doubtful = false // it is still in the queue: the server lost nothing
		}
	case s.staged(seen, e):
		seen.progress.Signature = e.staged.DeploySignature
		if compilers.have(seen) {
			seen.set(StatusComplete, now)
		} else {
			seen.set(StatusSyncing, now)
		}
	case seen.quiet.IsZero():
		seen.quiet = now
	}
}

func (seen *sighting) set(status Status, now time.Time) {
	if seen.progress.Status != status {
		seen.progress.Status, seen.progress.Since = status, now
	}
}

// recognize picks this deployment among those of its environment in the
// queue: the last one at the first sight. One that turns out to be from before
// the request gives way to a later one.
func (s *settler) recognize(seen *sighting, inFlight []queued) {
	var last *QueuedDeploy
	for i := range inFlight {
		if d := &inFlight[i].QueuedDeploy; last == nil || later(*d, *last) {
			last = d
		}
	}
	if last == nil {
		return
	}
	if seen.own != nil {
		if t, ok := seen.own.QueuedAt.Time(); !ok || !t.Before(s.from) {
			return
		}
	}
	seen.own, seen.progress.ID = last, last.ID
}

// isNew reports whether a failure is this deployment's or a later one's, and
// not one from before that the server still remembers.
func (s *settler) isNew(failure QueuedDeploy, seen *sighting, e environmentIndex) bool {
	if seen.own != nil {
		return !later(*seen.own, failure)
	}
	failed, ok := failure.QueuedAt.Time()
	if !ok {
		return true
	}
	if failed.Before(s.from) {
		return false
	}
	staged, ok := e.stagedAt()
	return !ok || failed.After(staged)
}

// staged reports whether what the primary has staged is this deployment's. A
// date from after the request says so at once. An older one is that of the
// same commit deployed again, on servers that keep the date then, unless the
// server may have lost the deployment; it must stay so for a second look.
func (s *settler) staged(seen *sighting, e environmentIndex) bool {
	date, ok := e.stagedAt()
	if e.staged == nil {
		return false
	}
	if ok {
		since := s.from
		if seen.own != nil {
			if t, ok := seen.own.QueuedAt.Time(); ok {
				since = t
			}
		}
		if !since.IsZero() && !date.Before(second(since)) {
			return true
		}
	}
	return !s.held && !s.doubtful && !seen.quiet.IsZero()
}

// lost reports whether the server shows no trace of a deployment for so long
// that it does not know of it, and of which environments.
func (s *settler) lost(now time.Time, after time.Duration) (names []string, lost bool) {
	for _, name := range s.names() {
		seen := s.seen[name]
		if !seen.progress.Settled() && !seen.quiet.IsZero() && now.Sub(seen.quiet) >= after {
			names = append(names, name)
		}
	}
	return names, len(names) > 0 || len(s.seen) == 0 && now.Sub(s.began) >= after
}

// names are the environments in the order of the request, or sorted.
func (s *settler) names() []string {
	if s.named != nil {
		return s.named
	}
	names := make([]string, 0, len(s.seen))
	for name := range s.seen {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}

func (s *settler) progress(compilers *compilers) Progress {
	p := Progress{Compilers: len(compilers.waited), Passed: compilers.passed}
	var deployed []*sighting
	for _, name := range s.names() {
		seen := s.seen[name]
		p.Environments = append(p.Environments, seen.progress)
		if status := seen.progress.Status; status == StatusSyncing || status == StatusComplete {
			deployed = append(deployed, seen)
		}
	}
	for i, c := range compilers.waited {
		if compilers.hasAll(i, deployed) {
			p.InSync++
		} else {
			p.Lagging = append(p.Lagging, c.Host)
		}
	}
	return p
}

// orUnexplained keeps a failure a failure where the server gives no reason.
func orUnexplained(e *ErrorObject) *ErrorObject {
	if e == nil {
		return &ErrorObject{}
	}
	return e
}

// second is a time without its fraction: dates of staging have none.
func second(t time.Time) time.Time { return t.Truncate(time.Second) }
