package follow

import "github.com/puppet-code/puppet-code/pkg/codemanager"

// staging is the code that a deployment staged, and the compilers that have it (rule 5).
type staging struct {
	codemanager.DeployedEnvironment
	// dated is true if its date belongs to the deployment (rule 4).
	dated bool
	// checkIns are those of the compilers at the first look that listed them since the deployment left.
	checkIns map[string]codemanager.Timestamp
	// arrived are the compilers that have had this staging or a later one.
	arrived map[string]bool
}

func newStaging(staged codemanager.DeployedEnvironment, dated bool) *staging {
	return &staging{DeployedEnvironment: staged, dated: dated, checkIns: map[string]codemanager.Timestamp{}, arrived: map[string]bool{}}
}

// see notes the compilers that have the staging (rule 5). It counts from then on.
func (s *staging) see(c *compilers) {
	now := c.look.of(s.Environment).staged
	for name, h := range c.hosts {
		if h.missing || s.arrived[name] {
			continue
		}
		if _, listed := s.checkIns[name]; !listed {
			s.checkIns[name] = h.checkIn()
		}
		if d, ok := h.has[s.Environment]; ok && s.isOn(d, now, h, s.checkIns[name]) {
			s.arrived[name] = true
		}
	}
}

// isOn reports whether a compiler has the staging or a later one: its commit is ours or the one that
// is staged now, and its date is the staging's, or it is in sync at a later check-in.
func (s *staging) isOn(d codemanager.DeployedEnvironment, now *codemanager.DeployedEnvironment, h *compiler, then codemanager.Timestamp) bool {
	if d.DeploySignature != s.DeploySignature && (now == nil || d.DeploySignature != now.DeploySignature) {
		return false
	}
	return s.dated && sameTime(d.Date, s.Date) || h.Synced && !sameTime(h.checkIn(), then)
}

// everywhere reports whether every compiler that is waited for has the staging.
func (s *staging) everywhere(c *compilers) bool {
	for name, h := range c.hosts {
		if !s.arrived[name] && !c.down(h) {
			return false
		}
	}
	return true
}
