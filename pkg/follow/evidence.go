package follow

import (
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// tracked is one environment of a request, over all looks. Its rules are those of docs/inside/following.md;
// both change together.
type tracked struct {
	Environment

	// before is the environment in the first look, before the request; nil if that look failed.
	before *sight
	// baseline is the older date of staging: from the first look, from the next look if it failed,
	// or from a later look at which ours had not begun; nil if it is not known.
	baseline *codemanager.Timestamp
	// ours is this request's entry in the queue, empty until it is seen.
	ours entry
	// wasQueued is true if ours was in the queue at the latest look.
	wasQueued bool
	// others are other people's entries that were seen in the queue. An entry is true once it
	// cannot explain a new date: it was gone at a look that still showed the older date.
	others map[entry]bool
	// wasStaged is true if the environment was staged at the latest look.
	wasStaged bool
	// staged is the staging of this request on the primary, nil until there is evidence for it.
	staged *codemanager.DeployedEnvironment
	// dated is true if its date is new since the first look, and no other entry explains it.
	dated bool
	// left are the check-ins of the compilers at the first look without ours in the queue.
	left map[string]codemanager.Timestamp
	// arrived are the compilers that have had this staging or a later one.
	arrived map[string]bool
	// silent is for how long successful looks have shown no trace of it.
	silent time.Duration
	// vanished is true once the primary no longer lists it, in a deployment of all.
	vanished bool
}

// moment is a look with its circumstances, for the rules.
type moment struct {
	*look
	// gap is true if anything may have been missed since the look before: a look failed, or had an
	// entry without a name, or the request ended without an answer, as it does when the server is
	// restarted.
	gap bool
	// passed is the time since the look before, 0 after a gap.
	passed time.Duration
	// sent is the earliest time that the server's clock can have shown when the request arrived;
	// zero if it is not known.
	sent time.Time
	// earliest is true if no look since the request was answered before.
	earliest bool
}

// over reports whether there is nothing more to wait for.
func (t *tracked) over() bool { return Settled(t.Status) || t.vanished }

// see updates the environment after a look.
func (t *tracked) see(m moment) {
	if Settled(t.Status) {
		return
	}
	s := m.of(t.Name)
	if t.baseline == nil && m.earliest { // the look before the request failed
		t.baseline = m.olderDate(t.Name)
	}
	t.recognize(s, m)
	wasQueued := t.wasQueued
	queued, failure := find(s.inFlight, t.ours), find(s.failed, t.ours)
	t.wasQueued = queued != nil
	switch {
	case failure != nil:
		t.Error, t.ID = unexplained(failure.Error), failure.ID
		t.set(codemanager.StatusFailed, m, "its entry is in the list of failures")
	case queued != nil:
		t.queue(queued.status, m)
	case t.staged != nil:
	case s.staged != nil && wasQueued && !m.gap:
		t.stage(s, m, "its entry left the queue without failing, and every look in between was answered")
	case t.newDate(s) && t.unexplainedByOthers(s):
		t.stage(s, m, "the date of staging is new, and no other entry explains it")
	default:
		t.silent += m.passed
		t.Evidence = t.doubt(s)
	}
	t.clearOthers(s)
}

// doubt is the reason why a look is not evidence.
func (t *tracked) doubt(s *sight) string {
	queue := "its entry in the queue was never seen"
	if t.ours != (entry{}) {
		queue = "its entry left the queue while deploys/status could not be read"
	}
	switch {
	case s.staged == nil:
		return queue + "; it is not staged"
	case t.baseline == nil:
		return queue + "; the earlier date of staging is not known"
	case t.newDate(s):
		return queue + "; the date of staging is new, but somebody else's entry can explain it"
	default:
		return queue + "; the date of staging has not changed"
	}
}

// queue notes that this request's entry is in the queue.
func (t *tracked) queue(status Status, m moment) {
	if status != codemanager.StatusDeploying {
		t.baseline = m.olderDate(t.Name) // ours has not begun, so it did not make this date
	}
	t.silent, t.staged, t.left = 0, nil, nil
	t.set(status, m, "its entry is in the queue")
}

// recognize finds this request's entry: an entry that is absent from the first look; if a look
// shows several new entries, the last of them. Earlier entries are somebody else's. If the first
// look failed, the time decides.
func (t *tracked) recognize(s *sight, m moment) {
	if t.ours == (entry{}) {
		candidates := slices.DeleteFunc(s.all(), func(q queued) bool { return !isNew(q, t.before, m) })
		if last := latest(candidates); last != nil {
			t.ours, t.ID = last.entry(), last.ID
		}
	}
	for _, q := range s.inFlight {
		if other := q.entry(); other != t.ours {
			t.others[other] = false
		}
	}
}

// isNew reports whether a deployment can be of this request. Before is its environment before the
// request, nil if that look failed.
func isNew(q queued, before *sight, m moment) bool {
	if before != nil {
		return find(before.all(), q.entry()) == nil
	}
	at, ok := q.QueuedAt.Time()
	return ok && !m.sent.IsZero() && !at.Before(m.sent)
}

// newDate reports whether the date of staging differs from the older date, and is not before it.
func (t *tracked) newDate(s *sight) bool {
	return s.staged != nil && t.baseline != nil && s.date() != *t.baseline && !before(s.date(), *t.baseline)
}

// unexplainedByOthers reports whether no other entry can have made a new date: each was gone at an
// earlier look that still had the older date, or has not begun yet.
func (t *tracked) unexplainedByOthers(s *sight) bool {
	for other, cleared := range t.others {
		waits := find(s.inFlight, other)
		if !cleared && (waits == nil || waits.status == codemanager.StatusDeploying) {
			return false
		}
	}
	return true
}

// clearOthers notes the entries of others that are gone while the date is still the older one.
func (t *tracked) clearOthers(s *sight) {
	if t.baseline == nil || t.newDate(s) {
		return
	}
	for other := range t.others {
		if find(s.inFlight, other) == nil {
			t.others[other] = true
		}
	}
}

// stage notes the staging of this request.
func (t *tracked) stage(s *sight, m moment, evidence string) {
	t.staged, t.dated = s.staged, t.newDate(s) && t.unexplainedByOthers(s)
	t.Signature, t.silent = s.staged.DeploySignature, 0
	t.set(Syncing, m, evidence)
}

// set changes the status.
func (t *tracked) set(status Status, m moment, evidence string) {
	if t.Status != status {
		t.Status, t.Seen = status, m.at
	}
	if t.Began.IsZero() {
		t.Began = m.at
	}
	t.Evidence = evidence
}

// arrive notes the compilers that have the staging. A compiler has it if it has the same commit and
// one of these holds: its date is not before a date of staging that is new since the first look; or
// it is in sync at a check-in made after the entry left the queue. It counts from then on.
func (t *tracked) arrive(m moment, f *fleet) {
	if t.staged == nil || Settled(t.Status) {
		return
	}
	if t.left == nil {
		t.left, t.arrived = f.checkIns(), map[string]bool{}
	}
	waits := false
	for name, h := range f.hosts {
		if h.missing {
			waits = waits || !t.arrived[name]
			continue
		}
		if t.arrived[name] || t.hasArrived(name, h, m) {
			t.arrived[name] = true
		} else {
			waits = waits || !f.down(h)
		}
	}
	if !waits {
		t.set(codemanager.StatusComplete, m, t.Evidence+"; every compiler has it")
	}
}

func (t *tracked) hasArrived(name string, h *host, m moment) bool {
	d, ok := h.has(t.Name)
	if !ok {
		return false
	}
	// Somebody may have staged a later commit since.
	now := m.of(t.Name).staged
	current := d.DeploySignature == t.staged.DeploySignature || now != nil && d.DeploySignature == now.DeploySignature
	dated := t.dated && (d.Date == t.staged.Date || before(t.staged.Date, d.Date))
	left, listed := t.left[name]
	if !listed {
		t.left[name] = h.checkIn()
		left = h.checkIn()
	}
	return current && (dated || h.Synced && h.checkIn() != left)
}
