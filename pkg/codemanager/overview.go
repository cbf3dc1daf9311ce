package codemanager

import (
	"slices"
	"strings"
	"time"
)

// StatusLive is what an Overview calls an environment that compilers have and
// that the primary does not list as staged. No server says it.
const StatusLive Status = "live"

// Overview is a Snapshot put in order for people: what state each environment
// is in, and each compiler. The rules are those of following a deployment.
type Overview struct {
	Snapshot *Snapshot
	// Environments are sorted by name.
	Environments []EnvironmentState
	Compilers    []CompilerState
	// Failures are those that the server still knows of, the last one first.
	Failures []Failure
	// Now is the latest time in the answer: what the server's clock shows, or
	// little less. Zero where there is none.
	Now time.Time
}

// EnvironmentState is one environment of an Overview.
type EnvironmentState struct {
	Name string
	// Status is that of the deployment that is under way; else StatusFailed,
	// if the last one failed; else StatusComplete, or StatusSyncing where not
	// every compiler has what is staged; or StatusLive.
	Status Status
	// Signature is the commit SHA that is staged or, if none is, live.
	Signature string
	// Since is when it was queued, or staged.
	Since Timestamp
}

// CompilerState is one compiler of an Overview.
type CompilerState struct {
	Compiler
	// Different counts the environments that are not as they are staged.
	Different int
	// InSync is what the server says; of some environments, whether none is
	// different.
	InSync bool
	// Down is true for one that never checked in, or not for long: nothing
	// waits for it.
	Down bool
}

// Failure is a deployment that failed.
type Failure struct {
	QueuedDeploy
	// Old is true where the environment was deployed since.
	Old bool
}

// NewOverview orders a snapshot; with names it leaves other environments out.
func NewOverview(snapshot *Snapshot, names []string) *Overview {
	o := &Overview{Snapshot: snapshot}
	wanted := func(name string) bool {
		return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return n == name || CorrectedName(n) == name })
	}
	index := indexSnapshot(snapshot)
	seen := map[string]*sighting{}
	for name, e := range index {
		if wanted(name) {
			seen[name] = &sighting{staged: e.staged}
		}
	}
	compilers := newCompilers(snapshot, seen)
	for name, s := range seen {
		o.Environments = append(o.Environments, stateOf(name, index[name], compilers, s))
	}
	o.addLive(index, wanted)
	slices.SortFunc(o.Environments, func(a, b EnvironmentState) int { return strings.Compare(a.Name, b.Name) })
	o.addCompilers(compilers, seen, len(names) > 0)
	o.addFailures(index, wanted)
	o.Now = latest(snapshot)
	return o
}

// InFlight reports whether anything will still change: a deployment is under
// way, or compilers are behind.
func (o *Overview) InFlight() bool {
	return slices.ContainsFunc(o.Environments, func(e EnvironmentState) bool {
		return e.Status.InFlight() || e.Status == StatusSyncing
	})
}

// FailedNow counts the environments whose last deployment failed.
func (o *Overview) FailedNow() int {
	n := 0
	for _, e := range o.Environments {
		if e.Status == StatusFailed {
			n++
		}
	}
	return n
}

func stateOf(name string, e environmentIndex, compilers *compilers, seen *sighting) EnvironmentState {
	state := EnvironmentState{Name: name}
	if e.staged != nil {
		state.Signature, state.Since = e.staged.DeploySignature, e.staged.Date
	}
	failure := newest(e.failed)
	switch {
	case len(e.inFlight) > 0:
		state.Status = furthest(e.inFlight)
		state.Since = since(e.inFlight, state.Status)
	case failure != nil && !madeGood(*failure, e):
		state.Status, state.Since = StatusFailed, failure.QueuedAt
	case e.staged != nil && compilers.have(seen):
		state.Status = StatusComplete
	default:
		state.Status = StatusSyncing
	}
	return state
}

func since(inFlight []queued, status Status) Timestamp {
	for _, d := range inFlight {
		if d.status == status {
			return d.QueuedAt
		}
	}
	return ""
}

// madeGood reports whether an environment was staged after a deployment that
// failed was queued.
func madeGood(failure QueuedDeploy, e environmentIndex) bool {
	staged, ok := e.stagedAt()
	failed, known := failure.QueuedAt.Time()
	return ok && known && !staged.Before(second(failed))
}

// addLive adds the environments that compilers alone have.
func (o *Overview) addLive(index snapshotIndex, wanted func(string) bool) {
	// By the numbers of names and signatures, for there are many.
	names := o.Snapshot.names.texts
	alone := make([]bool, len(names))
	for n, name := range names {
		e := index[name]
		alone[n] = e.staged == nil && len(e.inFlight)+len(e.failed) == 0 && wanted(name)
	}
	live := map[uint32]string{}
	for _, c := range o.Snapshot.Compilers {
		for _, p := range c.deployed {
			if !alone[p.name] {
				continue
			}
			signature := o.Snapshot.signatures.text(p.signature)
			if other, ok := live[p.name]; ok && other != signature {
				signature = ""
			}
			live[p.name] = signature
		}
	}
	for n, signature := range live {
		o.Environments = append(o.Environments, EnvironmentState{Name: names[n], Status: StatusLive, Signature: signature})
	}
}

func (o *Overview) addCompilers(compilers *compilers, seen map[string]*sighting, some bool) {
	waited := map[string]int{}
	for i, c := range compilers.waited {
		waited[c.Host] = i
	}
	for _, c := range o.Snapshot.Compilers {
		state := CompilerState{Compiler: c}
		if i, ok := waited[c.Host]; ok {
			for _, s := range seen {
				if !compilers.hasOne(i, s) {
					state.Different++
				}
			}
		} else {
			state.Down = true
		}
		state.InSync = !state.Down && state.Different == 0 && (c.Synced || some)
		o.Compilers = append(o.Compilers, state)
	}
}

func (o *Overview) addFailures(index snapshotIndex, wanted func(string) bool) {
	for _, f := range o.Snapshot.Failed {
		if wanted(f.Environment) {
			o.Failures = append(o.Failures, Failure{QueuedDeploy: f, Old: madeGood(f, index[f.Environment])})
		}
	}
	slices.SortStableFunc(o.Failures, func(a, b Failure) int {
		if later(a.QueuedDeploy, b.QueuedDeploy) {
			return -1
		}
		if later(b.QueuedDeploy, a.QueuedDeploy) {
			return 1
		}
		return 0
	})
}

// latest is the latest time in an answer.
func latest(snapshot *Snapshot) time.Time {
	var last time.Time
	take := func(t Timestamp) {
		if at, ok := t.Time(); ok && at.After(last) {
			last = at
		}
	}
	snapshot.InFlight(func(_ Status, d QueuedDeploy) { take(d.QueuedAt) })
	for _, d := range snapshot.Failed {
		take(d.QueuedAt)
	}
	for _, d := range snapshot.Staged {
		take(d.Date)
	}
	for _, c := range snapshot.Compilers {
		if c.LastCheckIn != nil {
			take(*c.LastCheckIn)
		}
	}
	return last
}
