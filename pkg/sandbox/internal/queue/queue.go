// Package queue runs deployments: a pool of workers takes them in order, never
// two of one environment at once, and remembers how each ended.
package queue

import (
	"context"
	"sync"
	"time"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// Job is one deployment to run.
type Job struct {
	ID          int64
	Environment string
	Modules     engine.Modules
}

// Outcome is how a job ended. Error is nil for a success.
type Outcome struct {
	Signature string
	FileSync  *codemanager.FileSync
	Error     *codemanager.ErrorObject
	// Version is the version of file sync storage that holds the result.
	Version int64
}

// Runner does the work of a job. It ends early when the context does.
type Runner func(ctx context.Context, job Job) Outcome

// Options are what a queue needs. All are required.
type Options struct {
	Workers int
	Run     Runner
	Now     func() time.Time
	// TTL is how long a settled deployment is remembered.
	TTL time.Duration
}

// Queue holds deployments, those to come and those that ended.
type Queue struct {
	options Options
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex
	wake   *sync.Cond
	closed bool
	lastID int64
	// entries are in the order of their ids, waiting are those that are queued.
	entries, waiting []*entry
	// busy are the environments that a worker has in hand.
	busy map[string]bool
}

// Start starts the workers.
func Start(options Options) *Queue {
	ctx, stop := context.WithCancel(context.Background())
	q := &Queue{options: options, stop: stop, busy: map[string]bool{}}
	q.wake = sync.NewCond(&q.mu)
	for range options.Workers {
		q.workers.Go(func() { q.work(ctx) })
	}
	return q
}

// Batch is what one request asks for.
type Batch struct {
	Environments []string
	Modules      engine.Modules
	// Refuse says why an environment must not be deployed, nil for any other.
	// A nil Refuse allows all.
	Refuse func(environment string) *codemanager.ErrorObject
}

// refuse is Refuse, where there is one.
func (b Batch) refuse(environment string) *codemanager.ErrorObject {
	if b.Refuse == nil {
		return nil
	}
	return b.Refuse(environment)
}

// Submit queues a deployment for each environment and returns a ticket for
// each, in order. The ids of one call follow one another. What is refused has
// failed at once.
func (q *Queue) Submit(batch Batch) []*Ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	tickets := make([]*Ticket, 0, len(batch.Environments))
	for _, environment := range batch.Environments {
		q.lastID++
		e := &entry{
			job:      Job{ID: q.lastID, Environment: environment, Modules: batch.Modules},
			queuedAt: q.options.Now(),
			status:   codemanager.StatusQueued,
			refused:  batch.refuse(environment),
			done:     make(chan struct{}),
		}
		q.entries = append(q.entries, e)
		tickets = append(tickets, &Ticket{queue: q, entry: e})
		switch {
		case e.refused != nil:
			e.settle(Outcome{Error: e.refused}, q.options.Now())
		case q.closed:
			e.settle(closing(), q.options.Now())
		default:
			q.waiting = append(q.waiting, e)
		}
	}
	q.wake.Broadcast()
	return tickets
}

func (q *Queue) work(ctx context.Context) {
	for {
		e := q.take()
		if e == nil {
			return
		}
		outcome := q.options.Run(ctx, e.job)
		q.settle(e, outcome)
	}
}

// take waits for the first deployment whose environment no other worker has in
// hand. It returns nil when the queue is closed.
func (q *Queue) take() *entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.closed {
			return nil
		}
		for i, e := range q.waiting {
			if q.busy[e.job.Environment] {
				continue
			}
			// Those before it move up: there are few of them, and many after it.
			copy(q.waiting[1:i+1], q.waiting[:i])
			q.waiting = q.waiting[1:]
			e.status = codemanager.StatusDeploying
			q.busy[e.job.Environment] = true
			return e
		}
		q.wake.Wait()
	}
}

func (q *Queue) settle(e *entry, outcome Outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, e.job.Environment)
	e.settle(outcome, q.options.Now())
	q.wake.Broadcast()
}

// Close ends the deployments that run and fails those that wait. It returns
// when no worker is left.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	for _, e := range q.waiting {
		e.settle(closing(), q.options.Now())
	}
	q.waiting = nil
	q.wake.Broadcast()
	q.mu.Unlock()
	q.stop()
	q.workers.Wait()
}

// closing is how deployments end that never started.
func closing() Outcome {
	return Outcome{Error: &codemanager.ErrorObject{
		Kind: "puppetlabs.code-manager/deploy-failure",
		Msg:  "Code Manager was stopped before the deployment started.",
	}}
}
