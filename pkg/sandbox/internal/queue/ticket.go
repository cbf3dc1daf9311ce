package queue

import (
	"context"
	"slices"
	"time"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
)

// entry is one deployment. The queue's lock guards it.
type entry struct {
	job       Job
	queuedAt  time.Time
	settledAt time.Time
	status    codemanager.Status
	outcome   Outcome
	// refused is why the deployment was never queued, nil if it was.
	refused *codemanager.ErrorObject
	// done is closed when the deployment is settled.
	done chan struct{}
}

func (e *entry) settle(outcome Outcome, now time.Time) {
	e.outcome, e.settledAt, e.status = outcome, now, codemanager.StatusComplete
	if outcome.Error != nil {
		e.status = codemanager.StatusFailed
	}
	close(e.done)
}

// Deployment is a deployment as it stands at one moment.
type Deployment struct {
	codemanager.Deployment
	QueuedAt time.Time
	// Version is the version of file sync storage that holds the result.
	Version int64
}

func (e *entry) snapshot() Deployment {
	id := e.job.ID
	return Deployment{
		Deployment: codemanager.Deployment{
			Environment:     e.job.Environment,
			ID:              &id,
			Status:          e.status,
			DeploySignature: e.outcome.Signature,
			FileSync:        e.outcome.FileSync,
			Error:           e.outcome.Error,
		},
		QueuedAt: e.queuedAt,
		Version:  e.outcome.Version,
	}
}

// Ticket stands for a deployment that was asked for.
type Ticket struct {
	queue *Queue
	entry *entry
}

// Queued is the deployment as it was accepted or refused, however far it is by
// now.
func (t *Ticket) Queued() codemanager.Deployment {
	id := t.entry.job.ID
	deployment := codemanager.Deployment{
		Environment: t.entry.job.Environment, ID: &id, Status: codemanager.StatusQueued, Error: t.entry.refused,
	}
	if t.entry.refused != nil {
		deployment.Status = codemanager.StatusFailed
	}
	return deployment
}

// Wait returns the deployment when it is settled, or the cause of the context's
// end. Giving up changes nothing about the deployment.
func (t *Ticket) Wait(ctx context.Context) (Deployment, error) {
	select {
	case <-ctx.Done():
		return Deployment{}, context.Cause(ctx)
	case <-t.entry.done:
	}
	t.queue.mu.Lock()
	defer t.queue.mu.Unlock()
	return t.entry.snapshot(), nil
}

// List returns all deployments that are remembered, in the order of their ids.
func (q *Queue) List() []Deployment {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	list := make([]Deployment, 0, len(q.entries))
	for _, e := range q.entries {
		list = append(list, e.snapshot())
	}
	return list
}

// Find returns one deployment, if it is remembered.
func (q *Queue) Find(id int64) (Deployment, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	for _, e := range q.entries {
		if e.job.ID == id {
			return e.snapshot(), true
		}
	}
	return Deployment{}, false
}

// forget drops what was settled longer ago than the TTL. The caller holds the
// lock.
func (q *Queue) forget() {
	limit := q.options.Now().Add(-q.options.TTL)
	q.entries = slices.DeleteFunc(q.entries, func(e *entry) bool {
		return !e.settledAt.IsZero() && e.settledAt.Before(limit)
	})
}
