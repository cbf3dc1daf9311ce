package codemanager

import (
	"time"
)

// snapshotIndex is a snapshot by environment.
type snapshotIndex map[string]environmentIndex

// environmentIndex is all that one answer says of one environment.
type environmentIndex struct {
	inFlight []queued
	failed   []QueuedDeploy
	staged   *DeployedEnvironment
}

type queued struct {
	QueuedDeploy
	status Status
}

func indexSnapshot(snapshot *Snapshot) snapshotIndex {
	index := snapshotIndex{}
	snapshot.InFlight(func(status Status, d QueuedDeploy) {
		e := index[d.Environment]
		e.inFlight = append(e.inFlight, queued{d, status})
		index[d.Environment] = e
	})
	for _, d := range snapshot.Failed {
		e := index[d.Environment]
		e.failed = append(e.failed, d)
		index[d.Environment] = e
	}
	for i := range snapshot.Staged {
		e := index[snapshot.Staged[i].Environment]
		e.staged = &snapshot.Staged[i]
		index[snapshot.Staged[i].Environment] = e
	}
	return index
}

// of finds an environment by its name, or by the one that r10k makes of it.
func (index snapshotIndex) of(name string) environmentIndex {
	if e, ok := index[name]; ok {
		return e
	}
	return index[CorrectedName(name)]
}

func (e environmentIndex) stagedAt() (time.Time, bool) {
	if e.staged == nil {
		return time.Time{}, false
	}
	return e.staged.Date.Time()
}

// failedAt is when the last deployment that failed was queued.
func (e environmentIndex) failedAt() (time.Time, bool) {
	if failed := newest(e.failed); failed != nil {
		return failed.QueuedAt.Time()
	}
	return time.Time{}, false
}

// furthest is the status of the deployment of an environment that has come
// furthest: it can be queued and deploying at once.
func furthest(list []queued) Status {
	best := list[0].status
	for _, d := range list {
		if d.status == StatusDeploying || d.status == StatusQueued && best == StatusNew {
			best = d.status
		}
	}
	return best
}

// among reports whether a deployment is in the queue.
func among(d QueuedDeploy, list []queued) bool {
	for _, q := range list {
		if !later(d, q.QueuedDeploy) && !later(q.QueuedDeploy, d) {
			return true
		}
	}
	return false
}

// newest is the deployment that was queued last, nil of none.
func newest(list []QueuedDeploy) *QueuedDeploy {
	var best *QueuedDeploy
	for i := range list {
		if best == nil || later(list[i], *best) {
			best = &list[i]
		}
	}
	return best
}

// later reports whether a was queued after b: by their ids, or by their times
// where a server gives no ids.
func later(a, b QueuedDeploy) bool {
	if a.ID != nil && b.ID != nil {
		return *a.ID > *b.ID
	}
	at, aok := a.QueuedAt.Time()
	bt, bok := b.QueuedAt.Time()
	return aok && bok && at.After(bt)
}

// compilers are those of a snapshot that are waited for, and what they have of
// the environments that count.
type compilers struct {
	snapshot *Snapshot
	waited   []Compiler
	passed   []string
	// deployed are the signatures of one compiler's environments, by their
	// numbers in the snapshot.
	deployed []map[uint32]uint32
}

// newCompilers leaves out compilers that never checked in, and those that are
// down: silent for long while others were not.
func newCompilers(snapshot *Snapshot, environments map[string]*sighting) *compilers {
	c := &compilers{snapshot: snapshot}
	counts := map[uint32]bool{}
	for _, seen := range environments {
		if seen.staged == nil {
			continue
		}
		if n, ok := snapshot.names.numbers[seen.staged.Environment]; ok {
			counts[n] = true
		}
	}
	var last time.Time
	for _, compiler := range snapshot.Compilers {
		if t, ok := checkIn(compiler); ok && t.After(last) {
			last = t
		}
	}
	for _, compiler := range snapshot.Compilers {
		t, ok := checkIn(compiler)
		if compiler.LastCheckIn == nil || ok && last.Sub(t) > downAfter {
			c.passed = append(c.passed, compiler.Host)
			continue
		}
		deployed := map[uint32]uint32{}
		for _, p := range compiler.deployed {
			if counts[p.name] {
				deployed[p.name] = p.signature
			}
		}
		c.waited = append(c.waited, compiler)
		c.deployed = append(c.deployed, deployed)
	}
	return c
}

func checkIn(c Compiler) (time.Time, bool) {
	if c.LastCheckIn == nil {
		return time.Time{}, false
	}
	return c.LastCheckIn.Time()
}

// have reports whether every compiler has an environment as it is staged.
func (c *compilers) have(seen *sighting) bool {
	for i := range c.waited {
		if !c.hasAll(i, []*sighting{seen}) {
			return false
		}
	}
	return true
}

// hasAll reports whether one compiler has these environments as they are staged.
func (c *compilers) hasAll(compiler int, environments []*sighting) bool {
	for _, seen := range environments {
		if seen.staged == nil {
			continue
		}
		name, known := c.snapshot.names.numbers[seen.staged.Environment]
		if !known {
			return false
		}
		signature, deployed := c.deployed[compiler][name]
		if !deployed || c.snapshot.signatures.text(signature) != seen.staged.DeploySignature {
			return false
		}
	}
	return true
}
