package follow

import (
	"context"
	"errors"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// Deployer is the part of a client that Deploy uses. *codemanager.Client implements it.
type Deployer interface {
	Looker
	Deploy(ctx context.Context, req codemanager.DeployRequest) ([]codemanager.Deployment, error)
}

// Deploy sends a request that waits, and returns the outcome: the server's own answer if there is
// one, else the outcome that deploys/status proves. State is the last look, for messages; nil
// without a look.
//
// Errors: those of Client.Deploy if the server refused, or the request never left; *UnknownError;
// *RefusedError; *NoCheckInError; *UnfinishedError when ctx ends first.
func Deploy(ctx context.Context, api Deployer, req codemanager.DeployRequest, opts Options) ([]codemanager.Deployment, *State, error) {
	req.Wait = true
	names := req.Environments
	if req.DeployAll {
		names = nil
	}
	// Entries in this look are somebody else's. A failed look is no error; it returns nil.
	first, _ := lookOnce(ctx, api, firstLookTimeout)
	r := newRequest(names, first)
	r.sent = time.Now()
	r.active = r.sent
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answered := guard.Start(func() ([]codemanager.Deployment, error) { return api.Deploy(ctx, req) })
	w := &loop{api: api, opts: opts, answered: answered, subject: r}
	err := w.run(ctx, soon)
	if cancel(); w.answered != nil {
		<-w.answered // nothing is logged after the end
	}
	state := r.state()
	switch {
	case err != nil:
		return nil, state, err
	case r.answer != nil:
		return r.answer, state, nil
	default:
		return state.Deployments(), state, nil
	}
}

// ended takes the server's answer as the outcome. Without an answer, the deployment may still be
// running.
func (r *request) ended(a answer, at time.Time) (done bool, err error) {
	r.answer = a.Value
	if broken, ok := errors.AsType[*codemanager.ConnectionError](a.Err); ok {
		r.unsent = !broken.Sent
	}
	if a.Err == nil || !mayGoOn(a.Err, r.everAnswered()) {
		return true, a.Err
	}
	// The server may have been restarted.
	r.broken, r.brokenAt, r.active = a.Err, at, at
	r.gap, r.silent = true, 0
	for _, t := range r.tracked {
		t.silent = 0
	}
	return false, nil
}

// verdict decides whether the evidence ends the wait.
func (r *request) verdict(now time.Time) (done bool, err error) {
	switch {
	case r.broken == nil:
		return r.whileHeld(now)
	case r.settled():
		return true, nil
	case isUnauthorized(r.missed):
		return true, &RefusedError{State: r.state(), Err: r.missed}
	case !r.noCheckIn.IsZero() && r.allStaged() && now.Sub(r.noCheckIn) >= noCheckInFor:
		return true, &NoCheckInError{State: r.state()}
	}
	if reason := r.unknown(now); reason != "" {
		return true, &UnknownError{State: r.state(), Reason: reason, Err: r.broken}
	}
	return false, nil
}

// whileHeld ends a wait whose request will never get an answer, because its connection was cut
// silently.
func (r *request) whileHeld(now time.Time) (done bool, err error) {
	switch {
	case !r.settledAt.IsZero() && now.Sub(r.settledAt) >= settledFor:
		return true, nil
	case r.settled() || r.progressing(now):
		return false, nil
	case r.looked != nil && r.missed == nil && now.Sub(r.active) >= heldFor:
		return true, &UnknownError{State: r.state(), Reason: "the server has not answered it for 15 minutes, and its environments are not in the queue"}
	case now.Sub(r.active) >= heldFor+outageFor:
		return true, &UnknownError{State: r.state(), Reason: "the server has not answered it for more than an hour, nor has deploys/status"}
	default:
		return false, nil
	}
}

// unknown is the reason to stop waiting for evidence, "" if the wait continues.
func (r *request) unknown(now time.Time) string {
	out := now.Sub(r.missedAt)
	switch {
	case r.missed == nil && !r.progressing(now) && r.allStaged():
		return "the code is staged, but not all compilers have it after an hour"
	case r.missed == nil && !r.progressing(now) && r.unseen():
		return "deploys/status shows no trace of it. The server may have been restarted, or the request never arrived"
	case !r.progressing(now) && now.Sub(r.active) >= outageFor:
		return "no evidence of its outcome was seen for an hour"
	case r.missed == nil:
		return ""
	case !r.everAnswered() && r.unsupported && now.Sub(r.brokenAt) >= unsupportedFor:
		return "this server does not answer deploys/status"
	case !r.everAnswered() && mayBeUndelivered(r.broken) && now.Sub(r.brokenAt) >= refusedFor:
		return "a gateway could not reach the server, and the server has not answered since"
	case out >= outageFor:
		return "the server has not answered for an hour"
	default:
		return ""
	}
}

func (r *request) interrupted(cause error) error {
	return &UnfinishedError{State: r.state(), Sent: !r.unsent, Err: cause}
}
