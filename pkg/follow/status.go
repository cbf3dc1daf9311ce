package follow

import "github.com/puppet-code/puppet-code/pkg/codemanager"

// Status is the progress of an environment. In addition to the server's statuses there are:
type Status = codemanager.Status

const (
	// Unseen is an environment of which no look has shown a trace yet.
	Unseen Status = ""
	// Syncing is an environment that is staged on the primary, but not yet on every compiler.
	Syncing Status = "syncing"
	// Live is an environment that compilers have and the primary does not list as staged.
	Live Status = "live"
	// Lost is an environment whose deployment left the queue, while nothing shows that it was staged: a
	// look failed or came late, and a restarted server forgets its queue; or nothing is staged.
	Lost Status = "lost"
)

// InFlight reports whether a deployment in this status will still change.
func InFlight(s Status) bool {
	switch s {
	case codemanager.StatusNew, codemanager.StatusQueued, codemanager.StatusPending, codemanager.StatusDeploying, Syncing:
		return true
	default:
		return false
	}
}

// Settled reports whether a deployment has ended in this status.
func Settled(s Status) bool {
	return s == codemanager.StatusComplete || s == codemanager.StatusFailed
}

// urgency has the statuses that are more urgent than a complete one.
var urgency = map[Status]int{
	codemanager.StatusFailed: -6, codemanager.StatusDeploying: -5, Lost: -4, Syncing: -4,
	codemanager.StatusQueued: -3, codemanager.StatusPending: -3, codemanager.StatusNew: -2, Unseen: -1,
}

// Urgency orders statuses by their importance in a view: failures first, complete last.
func Urgency(s Status) int { return urgency[s] }
