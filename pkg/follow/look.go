package follow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// look is one answer of deploys/status, indexed by environment.
type look struct {
	// asked and at are the times of the request and of the answer, by the clock of this machine.
	asked, at    time.Time
	status       *codemanager.DeploysStatus
	environments map[string]*sight
	// clock is the server's clock at the answer; zero if it is not known.
	clock time.Time
	// unclear is true if an entry of the queue names no environment: it can be any environment.
	unclear bool
}

// sight is one environment in one answer.
type sight struct {
	inFlight, failed []queued
	// staged is the staging on the primary, nil if it is not staged.
	staged *codemanager.DeployedEnvironment
	// on is how many of the compilers to wait for have the staged code, held how many have it in any
	// version. live are the different commits on all compilers.
	on, held int
	live     []string
}

// queued is a deployment of the queue, or a failed one, with the status of its list.
type queued struct {
	codemanager.QueuedDeploy
	status Status
}

// entry identifies a deployment: an environment is deployed many times, and ids restart with the
// server.
type entry struct {
	environment string
	queuedAt    codemanager.Timestamp
	id          codemanager.ID
}

func (q queued) entry() entry { return entry{q.Environment, q.QueuedAt, q.ID} }

// find returns a deployment of a list, nil if it is not there.
func find(list []queued, e entry) *queued {
	if i := slices.IndexFunc(list, func(q queued) bool { return q.entry() == e }); i >= 0 {
		return &list[i]
	}
	return nil
}

// all are the deployments in flight and the failures, in this order.
func (s *sight) all() []queued { return slices.Concat(s.inFlight, s.failed) }

// lookOnce gets deploys/status within a time limit.
func lookOnce(ctx context.Context, api Looker, limit time.Duration) (*look, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the server did not answer within %.0f s", limit.Seconds()))
	defer cancel()
	asked := time.Now()
	status, err := api.DeploysStatus(ctx)
	if err != nil {
		return nil, err
	}
	if l := newLook(status, asked, time.Now()); l.complete() {
		return l, nil
	}
	return nil, errNoLists
}

// errNoLists is an answer that lacks a list. A missing list does not prove that it is empty.
var errNoLists = errors.New("the answer of deploys/status lacks one of its lists")

// complete reports whether the answer has the lists of the queue and of the staged environments.
func (l *look) complete() bool {
	q := l.status.Deploys
	return q.New != nil && q.Queued != nil && q.Deploying != nil && q.Failed != nil && l.status.Storage.Deployed != nil
}

func newLook(status *codemanager.DeploysStatus, asked, at time.Time) *look {
	q := status.Deploys
	l := &look{asked: asked, at: at, status: status, environments: map[string]*sight{}, clock: clockOf(status)}
	for _, list := range []struct {
		status  Status
		deploys []codemanager.QueuedDeploy
	}{{codemanager.StatusNew, q.New}, {codemanager.StatusQueued, q.Queued}, {codemanager.StatusDeploying, q.Deploying}, {codemanager.StatusFailed, q.Failed}} {
		for _, d := range list.deploys {
			s := l.sight(d.Environment)
			if list.status == codemanager.StatusFailed {
				s.failed = append(s.failed, queued{d, list.status})
			} else {
				s.inFlight = append(s.inFlight, queued{d, list.status})
			}
		}
	}
	for i, d := range status.Storage.Deployed {
		l.sight(d.Environment).staged = &status.Storage.Deployed[i]
	}
	if s := l.environments[""]; s != nil { // of an element that is null
		l.unclear = len(s.all()) > 0
		delete(l.environments, "")
	}
	return l
}

// sight returns the record of an environment, and creates it if needed.
func (l *look) sight(name string) *sight {
	s := l.environments[name]
	if s == nil {
		s = &sight{}
		l.environments[name] = s
	}
	return s
}

// of is the record of an environment, empty if the look doesn't mention it.
func (l *look) of(name string) *sight {
	if s := l.environments[name]; s != nil {
		return s
	}
	return &sight{}
}

// date is the date of staging, "" if nothing is staged.
func (s *sight) date() codemanager.Timestamp {
	if s.staged == nil {
		return ""
	}
	return s.staged.Date
}

// olderDate is the date from which a later staging differs: the date of the current staging, or the
// second before the answer if the environment is not staged. It is "" if the server's time is not
// known.
func (l *look) olderDate(name string) *codemanager.Timestamp {
	date := l.of(name).date()
	if now := l.status.Date; date == "" && !now.IsZero() {
		date = codemanager.NewTimestamp(now.Add(-time.Second))
	}
	return &date
}

// latest is the last deployment of a list in the order of the queue, nil if the list is empty.
func latest(list []queued) *queued {
	if len(list) == 0 {
		return nil
	}
	last := slices.MaxFunc(list, byQueue)
	return &last
}

// byQueue orders deployments of one answer by their place in the queue.
func byQueue(a, b queued) int {
	at, okA := a.QueuedAt.Time()
	bt, okB := b.QueuedAt.Time()
	if okA && okB && !at.Equal(bt) {
		return at.Compare(bt)
	}
	x, errX := strconv.ParseInt(string(a.ID), 10, 64)
	y, errY := strconv.ParseInt(string(b.ID), 10, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return 0
}

// clockOf is the server's clock: the Date of the answer, else the median of the check-ins, because
// a single check-in can be wrong.
func clockOf(status *codemanager.DeploysStatus) time.Time {
	if !status.Date.IsZero() {
		return status.Date
	}
	var checkIns []time.Time
	for _, c := range status.Clients.Clients {
		if c.LastCheckIn != nil {
			if t, ok := c.LastCheckIn.Time(); ok {
				checkIns = append(checkIns, t)
			}
		}
	}
	if len(checkIns) == 0 {
		return time.Time{}
	}
	slices.SortFunc(checkIns, time.Time.Compare)
	return checkIns[(len(checkIns)-1)/2]
}
