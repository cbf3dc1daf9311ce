package follow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// look is one answer of deploys/status, by environment.
type look struct {
	asked, answered instant
	status          *codemanager.DeploysStatus
	environments    map[string]*records
	// clock is the server's clock at the answer, for the ages that people read and for compilers that
	// are down; zero if it is not known.
	clock time.Time
}

// records are what a look has of one environment.
type records struct {
	waiting, failed []record
	// staged is the staging on the primary, nil if it is not staged.
	staged *codemanager.DeployedEnvironment
}

// all are the records that wait and those of failures.
func (r *records) all() []record { return slices.Concat(r.waiting, r.failed) }

// inOrder are all records in the order of the queue.
func (r *records) inOrder() []record {
	list := r.all()
	slices.SortStableFunc(list, byQueue)
	return list
}

// date is the date of staging, "" if nothing is staged.
func (r *records) date() codemanager.Timestamp {
	if r.staged == nil {
		return ""
	}
	return r.staged.Date
}

// lookOnce gets deploys/status within lookTimeout.
func lookOnce(ctx context.Context, api Looker, opts Options) (*look, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lookTimeout, fmt.Errorf("the server did not answer within %.0f s", lookTimeout.Seconds()))
	defer cancel()
	asked := opts.now()
	status, err := api.DeploysStatus(ctx)
	if err != nil {
		return nil, err
	}
	l := newLook(status, asked, opts.now())
	return l, l.problem()
}

var (
	errNoLists = errors.New("the answer of deploys/status lacks one of its lists")
	errNoName  = errors.New("the answer of deploys/status has an entry without an environment")
)

// problem is why an answer is no good look. A part that is missing does not prove that it is empty.
func (l *look) problem() error {
	q := l.status.Deploys
	switch {
	case q.New == nil, q.Queued == nil, q.Deploying == nil, q.Failed == nil, l.status.Storage.Deployed == nil, l.status.Clients.Clients == nil:
		return errNoLists
	case l.environments[""] != nil:
		return errNoName
	default:
		return nil
	}
}

func newLook(status *codemanager.DeploysStatus, asked, answered instant) *look {
	q := status.Deploys
	l := &look{asked: asked, answered: answered, status: status, environments: map[string]*records{}, clock: serverClock(status)}
	for _, list := range []struct {
		status  Status
		deploys []codemanager.QueuedDeploy
	}{{codemanager.StatusNew, q.New}, {codemanager.StatusQueued, q.Queued}, {codemanager.StatusDeploying, q.Deploying}} {
		for _, d := range list.deploys {
			r := l.add(d.Environment)
			r.waiting = append(r.waiting, newRecord(d, list.status))
		}
	}
	for _, d := range q.Failed {
		r := l.add(d.Environment)
		r.failed = append(r.failed, newRecord(d, codemanager.StatusFailed))
	}
	for i, d := range status.Storage.Deployed {
		l.add(d.Environment).staged = &status.Storage.Deployed[i]
	}
	return l
}

// add returns the records of an environment, and creates them if needed.
func (l *look) add(name string) *records {
	r := l.environments[name]
	if r == nil {
		r = &records{}
		l.environments[name] = r
	}
	return r
}

// of returns the records of an environment, empty ones if the look has none, or there was no look.
func (l *look) of(name string) *records {
	if l == nil || l.environments[name] == nil {
		return &records{}
	}
	return l.environments[name]
}

// queues reports whether anybody's entry is in the queue.
func (l *look) queues() bool {
	return len(l.status.Deploys.New)+len(l.status.Deploys.Queued)+len(l.status.Deploys.Deploying) > 0
}

// serverClock is the Date of the answer, else the median of the check-ins, because a single check-in
// can be wrong.
func serverClock(status *codemanager.DeploysStatus) time.Time {
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
