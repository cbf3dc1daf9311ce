package deploy

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// QueueOptions are the options of a queue. All are required.
type QueueOptions struct {
	Workers int
	// Run does the work of a deployment. It ends early when the context does.
	Run func(ctx context.Context, deployment Deployment) Result
	Now func() time.Time
	// TTL is how long a settled deployment is remembered.
	TTL time.Duration
}

// Queue runs deployments: its workers take them in order, never two of one
// environment at once. It remembers how each ended.
type Queue struct {
	options QueueOptions
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex
	wake   *sync.Cond
	closed bool
	lastID int64
	// entries are in the order of their ids, waiting are those that are queued.
	entries, waiting []*entry
	// busy are the environments that workers are deploying.
	busy map[string]bool
}

// NewQueue starts the workers.
func NewQueue(options QueueOptions) *Queue {
	ctx, stop := context.WithCancel(context.Background())
	q := &Queue{options: options, stop: stop, busy: map[string]bool{}}
	q.wake = sync.NewCond(&q.mu)
	for range options.Workers {
		q.workers.Go(func() { q.work(ctx) })
	}
	return q
}

// entry is one deployment in the queue. The queue's lock guards it.
type entry struct {
	Deployment
	// done is closed when the deployment is settled.
	done chan struct{}
}

// name is the environment that deploys: a request may name its branch.
func (e *entry) name() string { return codemanager.EnvironmentName(e.Environment) }

// Request is one request to deploy.
type Request struct {
	Environments []string
	Modules      engine.Modules
	// Purged says that environments without a branch were removed just now.
	Purged bool
}

// Submit queues a deployment for each environment, in order. The ids of one call are consecutive.
func (q *Queue) Submit(request Request) *Batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	batch := &Batch{}
	for _, environment := range request.Environments {
		q.lastID++
		e := &entry{done: make(chan struct{}), Deployment: Deployment{
			ID: q.lastID, Environment: environment, Modules: request.Modules, Purged: request.Purged,
			QueuedAt: q.options.Now(), Status: Queued,
		}}
		q.entries = append(q.entries, e)
		if q.closed {
			q.settle(e, stopped())
		} else {
			q.waiting = append(q.waiting, e)
		}
		batch.entries = append(batch.entries, e)
		batch.Accepted = append(batch.Accepted, e.Deployment)
	}
	q.wake.Broadcast()
	return batch
}

// Batch are the deployments of one request.
type Batch struct {
	// Accepted are the deployments as they were accepted.
	Accepted []Deployment

	entries []*entry
}

// Wait returns the deployments when all are settled, or the cause of the
// context's end. Giving up changes nothing about them.
func (b *Batch) Wait(ctx context.Context) ([]Deployment, error) {
	settled := make([]Deployment, 0, len(b.entries))
	for _, e := range b.entries {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-e.done:
		}
		settled = append(settled, e.Deployment) // nothing changes it any more
	}
	return settled, nil
}

// List returns all deployments that are remembered, in the order of their ids.
func (q *Queue) List() []Deployment {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	list := make([]Deployment, 0, len(q.entries))
	for _, e := range q.entries {
		list = append(list, e.Deployment)
	}
	return list
}

// Find returns one deployment, if it is remembered.
func (q *Queue) Find(id int64) (Deployment, bool) {
	list := q.List()
	at := slices.IndexFunc(list, func(d Deployment) bool { return d.ID == id })
	if at < 0 {
		return Deployment{}, false
	}
	return list[at], true
}

// forget removes deployments that were settled before the TTL. The caller holds the lock.
func (q *Queue) forget() {
	limit := q.options.Now().Add(-q.options.TTL)
	q.entries = slices.DeleteFunc(q.entries, func(e *entry) bool {
		return !e.SettledAt.IsZero() && e.SettledAt.Before(limit)
	})
}

func (q *Queue) work(ctx context.Context) {
	for {
		e, job := q.next()
		if e == nil {
			return
		}
		result := q.options.Run(ctx, job)
		q.mu.Lock()
		delete(q.busy, e.name())
		q.settle(e, result)
		q.wake.Broadcast()
		q.mu.Unlock()
	}
}

// next waits for the first deployment whose environment no other worker is deploying. It returns
// nil when the queue is closed.
func (q *Queue) next() (*entry, Deployment) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.closed {
			return nil, Deployment{}
		}
		at := slices.IndexFunc(q.waiting, func(e *entry) bool { return !q.busy[e.name()] })
		if at < 0 {
			q.wake.Wait()
			continue
		}
		e := q.waiting[at]
		q.waiting = slices.Delete(q.waiting, at, at+1)
		e.Status = Deploying
		q.busy[e.name()] = true
		return e, e.Deployment
	}
}

// settle records how a deployment ended. The caller holds the lock.
func (q *Queue) settle(e *entry, result Result) {
	e.Result, e.SettledAt, e.Status = result, q.options.Now(), Complete
	if result.Failure != nil {
		e.Status = Failed
	}
	close(e.done)
}

// Fail makes a deployment that is complete a failed one, because file sync failed.
func (q *Queue) Fail(id int64, failure *Failure) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.entries {
		if e.ID == id {
			e.Status, e.Failure, e.SettledAt = Failed, failure, q.options.Now()
		}
	}
}

// Close ends the deployments that run and fails those that wait. It returns
// when no worker is left.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	for _, e := range q.waiting {
		q.settle(e, stopped())
	}
	q.waiting = nil
	q.wake.Broadcast()
	q.mu.Unlock()
	q.stop()
	q.workers.Wait()
}

// stopped is the result of deployments that never started.
func stopped() Result {
	return Result{Failure: &Failure{
		Kind: KindDeployFailure,
		Msg:  "Code Manager was stopped before the deployment started.",
	}}
}
