package follow

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Watch polls deploys/status until a condition holds, and sends nothing else. With names of
// environments, or of their branches, it watches only these. Until judges the state of each
// successful look: [State.InFlight] for the end of all deployments, [Environment.Everywhere] for a
// commit, [Failure.Appeared] for failures of this watch. State is the last one, nil if no look
// succeeded.
//
// Errors: that of until; at the first look, any error that asking again will not mend; later, an
// *codemanager.APIError that refuses the token; the last error after an hour without an answer;
// *UnfinishedError when ctx ends first.
func Watch(ctx context.Context, api Looker, names []string, until func(*State) (done bool, err error), opts Options) (*State, error) {
	s := &watching{estate: newEstate(names), until: until}
	w := &loop{api: api, opts: opts, subject: s}
	err := w.run(ctx, 0)
	return s.state, err
}

// watching is the subject of the loop for a watch.
type watching struct {
	estate *estate
	until  func(*State) (bool, error)

	state    *State
	done     bool
	err      error
	missed   error
	missedAt time.Time
}

func (s *watching) see(l *look) *State {
	s.missed = nil
	s.state = s.estate.see(l)
	s.done, s.err = s.until(s.state)
	return s.state
}

func (s *watching) miss(err error, at time.Time) {
	if s.missed == nil {
		s.missedAt = at
	}
	s.missed, s.estate.gap = err, true
}

func (s *watching) ended(answer, time.Time) (bool, error) { return false, nil }

func (s *watching) verdict(now time.Time) (done bool, err error) {
	switch {
	case s.missed == nil:
		return s.done, s.err
	case isUnauthorized(s.missed), s.state == nil && !mayPass(s.missed), now.Sub(s.missedAt) >= outageFor:
		return true, s.missed
	default:
		return false, nil
	}
}

func (s *watching) interrupted(cause error) error {
	return &UnfinishedError{State: s.state, Err: cause}
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
	return connection && !certificate
}
