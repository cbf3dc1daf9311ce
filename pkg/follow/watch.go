package follow

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// Watch polls deploys/status until a condition holds, and sends nothing else. With names of
// environments, or of their branches, it watches only these. Until judges the state of each good look:
// [State.InFlight] for the end of all deployments, [Environment.Everywhere] for a commit,
// [Failure.Appeared] for failures of this watch. State is the last one, nil if no look was good.
//
// Errors: that of until; at the first look, any error that asking again will not mend; later, an
// *codemanager.APIError that refuses the token; the last error after an hour without a good look;
// *UnknownError if the compilers do not get the code within an hour; *UnfinishedError when ctx ends
// first.
func Watch(ctx context.Context, api Looker, names []string, until func(*State) (done bool, err error), opts Options) (*State, error) {
	c := newCompilers(downWatched)
	if opts.After != nil && opts.After.estate != nil {
		c = opts.After.estate.compilers
	}
	e := watched{newEstate(names, c)}
	w := newLoop(api, opts, 0)
	ctx, cancel := context.WithCancel(ctx)
	defer w.stop()
	defer cancel()
	var state *State
	answered := time.Now()
	for {
		switch s := w.next(ctx); {
		case s.stopped != nil:
			return state, &UnfinishedError{Err: s.stopped}
		case s.missed != nil:
			e.missed = s.missed
			w.miss(s.missed)
			_, crashed := errors.AsType[*guard.PanicError](s.missed)
			if crashed || isUnauthorized(s.missed) || state == nil && !mayPass(s.missed) || time.Since(answered) >= outageFor {
				return state, s.missed
			}
		default:
			state, answered = e.see(s.look), time.Now()
			w.show(state, false)
			if done, err := until(state); done {
				return state, err
			}
			if state.stuck(answered) {
				return state, &UnknownError{Watched: true, Reason: "it is staged, but not all compilers have it after an hour"}
			}
		}
	}
}

// stuck reports whether all that is in flight has been waiting for compilers for too long.
func (s *State) stuck(now time.Time) bool {
	return s.InFlight() && !slices.ContainsFunc(s.Environments, func(e Environment) bool {
		return InFlight(e.Status) && (e.Status != Syncing || now.Sub(e.Seen) < outageFor)
	})
}

// mayPass reports whether a failed first look may succeed a moment later.
func mayPass(err error) bool {
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		return api.StatusCode >= http.StatusInternalServerError || isGateway(api.StatusCode) || api.StatusCode == http.StatusTooManyRequests
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	_, certificate := errors.AsType[*codemanager.CertificateError](err)
	_, connection := errors.AsType[*codemanager.ConnectionError](err)
	return connection && !certificate || errors.Is(err, errNoLists) || errors.Is(err, errNoName)
}
