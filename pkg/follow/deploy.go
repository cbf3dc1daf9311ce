package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// Limits of a wait (rule 8), by the clock of this machine.
const (
	// quietFor is how long there must be no evidence before the outcome is unknown.
	quietFor = 5 * time.Second
	// openFor is how long a request may be open without an entry in the queue: the server's own limit
	// is 700 s.
	openFor = 15 * time.Minute
	// deadFor is how long everything must be decided before an open request counts as dead.
	deadFor = 30 * time.Second
	// noCheckInFor is how long to wait for the first check-in of any compiler.
	noCheckInFor = 30 * time.Second
	// outageFor limits the wait for a server that does not answer, and the wait for compilers.
	outageFor = time.Hour
)

// Deployer is the part of a client that Deploy uses. *codemanager.Client implements it.
type Deployer interface {
	Looker
	Deploy(ctx context.Context, req codemanager.DeployRequest) ([]codemanager.Deployment, error)
}

// Deploy sends a request that waits, and returns the outcome: the server's own answer if it decides,
// else the outcome that deploys/status proves. The State is the last one, never nil.
//
// Errors: those of Client.Deploy if the server refused, or the request never left; *UnknownError;
// *UnfinishedError when ctx ends first.
func Deploy(ctx context.Context, api Deployer, req codemanager.DeployRequest, opts Options) ([]codemanager.Deployment, *State, error) {
	req.Wait = true
	names := req.Environments
	if req.DeployAll {
		names = nil
	}
	first, err := lookOnce(ctx, api, opts) // rule 2
	if err != nil {
		first = nil
	}
	r := newRequest(names, first, opts.now())
	if ctx.Err() != nil {
		return nil, r.state(), &UnfinishedError{Err: context.Cause(ctx)}
	}
	ctx, cancel := context.WithCancel(ctx)
	w := newLoop(api, opts, soon)
	w.tell(Event{State: r.state()})
	w.answered = guard.Start(func() (answer, error) {
		list, err := api.Deploy(ctx, req)
		return answer{list, err, opts.now()}, nil
	})
	list, err := r.follow(ctx, w)
	cancel()
	w.stop()
	state := r.state()
	if state.Answered = err == nil && list != nil; err == nil && list == nil {
		list = state.Deployments()
	}
	return list, state, err
}

// answer is how a request ended, and when.
type answer struct {
	list []codemanager.Deployment
	err  error
	at   instant
}

// follow returns the server's answer, nil if deploys/status proves the outcome.
func (r *request) follow(ctx context.Context, w *loop) ([]codemanager.Deployment, error) {
	for {
		switch s := w.next(ctx); {
		case s.stopped != nil:
			return r.stopped(w, s.stopped)
		case s.answer != nil:
			list, done, err := r.end(*s.answer)
			switch {
			case ctx.Err() != nil && s.answer.err != nil:
				return nil, &UnfinishedError{Sent: wasSent(s.answer.err), Err: context.Cause(ctx)}
			case done:
				return list, err
			}
			w.tell(Event{Broken: r.ended.err})
			w.again(0)
		case s.missed != nil:
			if crash, ok := errors.AsType[*guard.PanicError](s.missed); ok {
				return nil, &UnknownError{Reason: crash.Error(), Err: crash}
			}
			r.missed = s.missed
			w.miss(s.missed)
		default:
			r.see(s.look)
			w.show(r.state(), r.looksForOurs())
		}
		if done, reason := r.ends(time.Now()); reason != "" {
			unknown := &UnknownError{Reason: reason}
			if r.ended != nil {
				unknown.Err = r.ended.err
			}
			return nil, unknown
		} else if done {
			return nil, nil
		}
	}
}

// stopped is the end of a wait by its context. An answer that comes at the same moment is not lost.
func (r *request) stopped(w *loop, cause error) ([]codemanager.Deployment, error) {
	sent := true
	if a := w.lastWord(); a != nil {
		if list, done, err := r.end(*a); done && err == nil {
			return list, nil
		}
		sent = wasSent(a.err)
	}
	return nil, &UnfinishedError{Sent: sent, Err: cause}
}

// ends reports whether the wait is over (rule 8), or the reason why the outcome is unknown.
func (r *request) ends(now time.Time) (done bool, reason string) {
	since, decided := r.decided()
	ended := r.ended != nil
	switch {
	case ended && r.first == nil:
		reason = "deploys/status did not answer before the request, so nothing can be told from it"
		if errors.Is(r.ended.err, ErrUndecided) {
			reason = r.ended.err.Error() + ", and " + reason
		}
		return false, reason
	case decided && (ended || now.Sub(since) >= deadFor):
		return true, ""
	case ended && isUnauthorized(r.missed):
		return false, "the server does not accept the token any more: " + r.missed.Error()
	case r.missed != nil && now.Sub(r.lastOf(r.last)) >= outageFor:
		return false, "deploys/status has not answered for an hour"
	case r.missed != nil || r.last == nil:
		return false, ""
	case !ended && !decided && now.Sub(r.lastOf(r.busy)) >= openFor:
		return false, fmt.Sprintf("the server has not answered for %.0f minutes, and its environments are not in the queue", openFor.Minutes())
	case !ended || !r.last.asked.mono.After(r.ended.at.mono): // a look follows at once
		return false, ""
	default:
		return false, r.unknown(now)
	}
}

// lastOf is when a look was answered, at least the time of the request.
func (r *request) lastOf(l *look) time.Time {
	if l == nil {
		return r.sent.mono
	}
	return later(r.sent.mono, l.answered.mono)
}

// unknown is the reason why nothing more can be told about a request that ended, "" if the wait goes on.
func (r *request) unknown(now time.Time) string {
	status, changed := Syncing, r.sent.mono
	for _, t := range r.environments {
		changed = later(changed, t.Seen)
		if !Settled(t.Status) && t.Status != gone && t.Status != Syncing {
			status = t.Status
		}
	}
	switch {
	case r.waits():
		return ""
	case status == Syncing && len(r.environments) > 0 && r.compilers.silent():
		if now.Sub(changed) >= noCheckInFor {
			return "it is staged, but no compiler has ever checked in"
		}
		return ""
	case r.progresses(now), now.Sub(changed) < quietFor, !r.sealed && now.Sub(r.sent.mono) < r.window():
		return ""
	case status == Syncing && len(r.environments) > 0:
		return "it is staged, but not all compilers have it after an hour"
	case status == Lost:
		return "its entry left the queue, and nothing shows that it was staged. The server may have been restarted"
	default:
		return "deploys/status shows no trace of it. The server may have been restarted, or the request never arrived"
	}
}
