package output

import (
	"fmt"
	"sync/atomic"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// News formats the lines about retries and outages, each reason once: repeated requests and looks
// often fail for the same reason. It is safe for concurrent use.
type News struct {
	// Reason formats an error.
	Reason func(error) string

	// said is the last printed reason.
	said atomic.Value
	// unreachable is true after a line that deploys/status does not answer.
	unreachable bool
	// broken is true once the request ended without an answer.
	broken bool
}

// Retry is the line for a request that is sent again.
func (n *News) Retry(retry codemanager.Retry) string {
	line := fmt.Sprintf("Trying again in %.1f s (attempt %d of %d).", retry.Wait.Seconds(), retry.Attempt, retry.Attempts)
	if reason := n.Reason(retry.Err); n.isNew(reason) {
		return "No answer yet: " + reason + ". " + line
	}
	return line
}

func (n *News) isNew(reason string) bool { return n.said.Swap(reason) != reason }

// event is the line for an event, "" for a state and for an event that is not news.
func (n *News) event(event follow.Event) string {
	switch {
	case event.Broken != nil:
		reason := n.Reason(event.Broken)
		n.isNew(reason)
		n.broken = true
		return "The request ended without an answer: " + reason +
			". The deployment may still be running; now following it in deploys/status."
	case event.Unreachable != nil:
		reason := n.Reason(event.Unreachable)
		isNew := n.isNew(reason)
		if !isNew && !n.unreachable && !n.broken {
			return "" // the line about the request has this reason
		}
		n.unreachable = true
		if !isNew {
			return "deploys/status does not answer either. Trying again until it does."
		}
		return "deploys/status does not answer: " + reason + ". Trying again until it does."
	case event.Reachable && n.unreachable:
		n.unreachable = false
		n.isNew("")
		return "deploys/status answers again."
	default:
		return ""
	}
}
