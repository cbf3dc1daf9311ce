package follow

import "slices"

// includeAll includes each environment that is staged, or on a compiler.
func (r *request) includeAll(l *look) {
	for name, s := range l.environments {
		if s.staged != nil {
			r.include(name)
		}
	}
	for _, c := range l.status.Clients.Clients {
		for _, d := range c.Deployed {
			r.include(d.Environment)
		}
	}
}

// extend includes the environments of new entries in a deployment of all. If the first look failed,
// the first look that succeeds lists the environments.
func (r *request) extend(m moment) {
	if r.first == nil && r.looked == nil {
		r.includeAll(m.look)
	}
	for name, s := range m.environments {
		var was *sight
		if r.first != nil {
			was = r.first.of(name)
			if s.staged != nil && !before(s.date(), *r.first.olderDate(name)) {
				r.include(name)
			}
		}
		if slices.ContainsFunc(s.all(), func(q queued) bool { return isNew(q, was, m) }) {
			r.include(name)
		}
	}
}

// vanish notes an environment that is no longer staged, in a deployment of all: its branch is gone.
// It must have been staged at the look before, and no look in between may have failed, because a
// restarted server lists only later stagings. An environment that only compilers had has vanished
// once no compiler has it.
func (r *request) vanish(t *tracked, m moment) {
	s, wasStaged := m.of(t.Name), t.wasStaged
	t.wasStaged = s.staged != nil
	switch {
	case r.names != nil || r.first == nil || t.Status != Unseen || s.staged != nil || len(s.all()) > 0:
		t.vanished = false
	case wasStaged:
		t.vanished = !r.gap && len(m.status.Storage.Deployed) > 0
	case t.before.staged == nil:
		t.vanished = !r.fleet.onWaited(t.Name)
	}
}
