package follow

import (
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// gone is an environment that a deployment of all does not have any more (rule 7).
const gone Status = "gone"

// judge derives the outcome of the request for an environment, and fills in what its entries tell.
func (e *environment) judge(at time.Time, c *compilers) {
	status, evidence := e.outcome(c)
	e.set(status, evidence, at)
	e.ID, e.Error, e.Signature = "", nil, ""
	if len(e.ours) == 1 {
		e.ID = e.ours[0].ID
	}
	if status == codemanager.StatusFailed {
		e.Error = unexplained(e.ours[len(e.ours)-1].Error)
	}
	if e.staging != nil {
		e.Signature = e.staging.DeploySignature
	}
}

// outcome derives the status from our entries (rules 4 and 5).
func (e *environment) outcome(c *compilers) (status Status, evidence string) {
	waiting := farthest(e.ours)
	switch {
	case len(e.ours) == 0 && e.Status == gone: // until it is there again
		return gone, e.Evidence
	case len(e.ours) == 0:
		return Unseen, "its entry in the queue was never seen"
	case waiting != nil:
		return waiting.status, "its entry is in the queue"
	case e.all(failed):
		return codemanager.StatusFailed, "its entry is in the list of failures"
	case e.staging == nil && len(e.ours) > 1:
		return Lost, "several entries appeared at once, and they ended differently"
	case e.staging == nil:
		return Lost, "its entry left the queue, and it may have been lost: looks failed or came late, or nothing is staged"
	}
	evidence = "its entry left the queue without failing"
	if e.staging.dated {
		evidence += ", and the date of staging is new"
	}
	if e.staging.everywhere(c) {
		return codemanager.StatusComplete, evidence + "; every compiler has it"
	}
	return Syncing, evidence
}

// vanish notes an environment of a deployment of all whose branch is gone (rule 7): the look before had
// it, and now it is neither staged nor on a compiler that is waited for.
func (e *environment) vanish(l *look, gap bool, c *compilers) {
	there, remembered := l.of(e.Name).staged != nil, false
	for _, h := range c.hosts {
		if _, ok := h.has[e.Name]; ok {
			there = there || !h.missing && !c.down(h)
			remembered = remembered || h.missing
		}
	}
	was := e.present
	e.present = there
	switch {
	case len(e.ours) > 0 || there:
		if e.Status == gone {
			e.set(Unseen, "it is there again", l.answered.mono)
		}
	case was && !gap && !remembered:
		e.set(gone, "it is neither staged nor on a compiler any more", l.answered.mono)
	}
}
