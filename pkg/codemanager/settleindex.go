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
	waited []Compiler
	passed []string
	// has says of each compiler which environments it has as they are staged, by
	// their numbers in the snapshot.
	has [][]bool
}

// newCompilers leaves out compilers that never checked in, and those that are
// down: silent for long while others were not. It numbers the environments.
func newCompilers(snapshot *Snapshot, environments map[string]*sighting) *compilers {
	c := &compilers{}
	staged := stagedSignatures(snapshot, environments)
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
		has := make([]bool, len(staged))
		for _, p := range compiler.deployed {
			has[p.name] = int64(p.signature) == staged[p.name]
		}
		c.waited = append(c.waited, compiler)
		c.has = append(c.has, has)
	}
	return c
}

// nowhere is in the place of a number for what no compiler has.
const nowhere = -1

// stagedSignatures gives the number of the signature that is staged for each
// name of the snapshot; nowhere for one that does not count.
func stagedSignatures(snapshot *Snapshot, environments map[string]*sighting) []int64 {
	staged := make([]int64, len(snapshot.names.texts))
	for i := range staged {
		staged[i] = nowhere
	}
	for _, seen := range environments {
		seen.number = nowhere
		if seen.staged == nil {
			continue
		}
		if name, ok := snapshot.names.numbers[seen.staged.Environment]; ok {
			seen.number = int64(name)
			if signature, ok := snapshot.signatures.numbers[seen.staged.DeploySignature]; ok {
				staged[name] = int64(signature)
			}
		}
	}
	return staged
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
		if !c.hasOne(i, seen) {
			return false
		}
	}
	return true
}

// hasAll reports whether one compiler has these environments as they are staged.
func (c *compilers) hasAll(compiler int, environments []*sighting) bool {
	for _, seen := range environments {
		if !c.hasOne(compiler, seen) {
			return false
		}
	}
	return true
}

// hasOne reports whether a compiler has an environment as it is staged, or
// nothing is staged.
func (c *compilers) hasOne(compiler int, seen *sighting) bool {
	return seen.staged == nil || seen.number != nowhere && c.has[compiler][seen.number]
}
