package output

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Outages formats the lines about retries and outages, each reason once: repeated requests and looks
// often fail for the same reason. It is safe for concurrent use.
type Outages struct {
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
func (o *Outages) Retry(retry codemanager.Retry) string {
	line := fmt.Sprintf("Trying again in %.1f s (attempt %d of %d).", retry.Wait.Seconds(), retry.Attempt, retry.Attempts)
	if reason := o.Reason(retry.Err); o.isNew(reason) {
		return "No answer yet: " + reason + ". " + line
	}
	return line
}

func (o *Outages) isNew(reason string) bool { return o.said.Swap(reason) != reason }

// line is the line for an event, "" for a state and for an event that changes nothing.
func (o *Outages) line(event follow.Event) string {
	switch {
	case errors.Is(event.Broken, follow.ErrUndecided):
		o.broken = true
		return "The server answered before the deployment ended; now following it in deploys/status."
	case event.Broken != nil:
		reason := o.Reason(event.Broken)
		o.isNew(reason)
		o.broken = true
		return "The request ended without an answer: " + reason +
			". The deployment may still be running; now following it in deploys/status."
	case event.Unreachable != nil:
		reason := o.Reason(event.Unreachable)
		isNew := o.isNew(reason)
		if !isNew && !o.unreachable && !o.broken {
			return "" // the line about the request has this reason
		}
		o.unreachable = true
		if !isNew {
			return "deploys/status does not answer either. Trying again until it does."
		}
		return "deploys/status does not answer: " + reason + ". Trying again until it does."
	case event.Reachable && o.unreachable:
		o.unreachable = false
		o.isNew("")
		return "deploys/status answers again."
	default:
		return ""
	}
}
