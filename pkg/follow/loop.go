package follow

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
	"github.com/puppet-code/puppet-code/pkg/internal/transport"
)

// The schedule of looks: soon after the request, then after a second, then at intervals that grow
// to maxInterval, each varied at random by up to a tenth.
const (
	firstLookTimeout = 2 * time.Second
	soon             = 200 * time.Millisecond
	firstInterval    = time.Second
	growth           = 1.5
	maxInterval      = 5 * time.Second
	lookTimeout      = 30 * time.Second
)

// Looker gets deploys/status once. *codemanager.Client implements it.
type Looker interface {
	DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error)
}

// Event is news about a wait. Exactly one field is set.
type Event struct {
	// State is the result of a look.
	State *State
	// Broken is the error with which the request ended without an answer. From then on, only
	// deploys/status shows the outcome. It comes once.
	Broken error
	// Unreachable is the reason why deploys/status does not answer. It comes once for each reason.
	Unreachable error
	// Reachable is true when deploys/status answers again.
	Reachable bool
}

// Observer receives the events, from one goroutine. It may be nil, which changes nothing else.
type Observer func(Event)

// Options are the options of Deploy and Watch.
type Options struct {
	Observe Observer
	// Logger gets a debug line for each environment at each look: its status, and the evidence.
	Logger *slog.Logger
}

// loop polls deploys/status.
type loop struct {
	api  Looker
	opts Options

	// answered receives the end of the request; nil without a request.
	answered <-chan answer
	// subject decides on the evidence.
	subject subject

	interval time.Duration
	next     *time.Timer
	// unreachable is the latest reported reason, "" while looks are answered.
	unreachable string
	// looking receives the current look; nil if no look is running.
	looking <-chan guard.Result[*look]
}

// subject is the object of a loop. Each method returns done, with an error or without, to end the
// loop.
type subject interface {
	// see records a successful look, and returns the state to show.
	see(l *look) *State
	// miss records a failed look.
	miss(err error, at time.Time)
	// ended records how the request ended.
	ended(a answer, at time.Time) (done bool, err error)
	// verdict is called after each of these.
	verdict(now time.Time) (done bool, err error)
	// interrupted is the error for a context that ended.
	interrupted(cause error) error
}

// answer is how a request ended.
type answer = guard.Result[[]codemanager.Deployment]

// run waits for the end of the request, a look, the time for the next look, or the end of ctx.
func (w *loop) run(ctx context.Context, first time.Duration) error {
	w.interval, w.next = firstInterval, time.NewTimer(first)
	defer w.next.Stop()
	looks, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		if w.looking != nil {
			<-w.looking // nothing is logged after the end
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return w.interrupted(ctx)
		case a := <-w.answered:
			w.answered = nil
			done, err := w.subject.ended(a, time.Now())
			switch {
			case ctx.Err() != nil && a.Err != nil:
				return w.subject.interrupted(context.Cause(ctx))
			case done:
				return err
			}
			w.tell(Event{Broken: a.Err})
			w.interval = firstInterval
			w.next.Reset(0)
		case <-w.next.C:
			if w.looking == nil {
				w.looking = guard.Start(func() (*look, error) { return lookOnce(looks, w.api, lookTimeout) })
			}
			continue
		case l := <-w.looking:
			w.looking = nil
			if crash, ok := errors.AsType[*guard.PanicError](l.Err); ok {
				return crash
			}
			w.next.Reset(w.take(l.Value, l.Err))
		}
		if done, err := w.subject.verdict(time.Now()); done {
			return err
		}
	}
}

// lastWord is how long to wait for the end of the request after the wait has ended.
const lastWord = 50 * time.Millisecond

// interrupted ends the loop with its context. An answer that comes at the same moment is not lost.
func (w *loop) interrupted(ctx context.Context) error {
	if w.answered != nil {
		select {
		case a := <-w.answered:
			w.answered = nil
			if _, err := w.subject.ended(a, time.Now()); a.Err == nil {
				return err
			}
		case <-time.After(lastWord):
		}
	}
	return w.subject.interrupted(context.Cause(ctx))
}

// take passes a look or its error to the subject, and returns the time to the next look.
func (w *loop) take(l *look, err error) time.Duration {
	wait := transport.Jittered(w.interval)
	w.interval = min(time.Duration(float64(w.interval)*growth), maxInterval)
	if err != nil {
		w.subject.miss(err, time.Now())
		if reason := cause(err); w.unreachable != reason {
			w.unreachable = reason
			w.tell(Event{Unreachable: err})
		}
		if api, ok := errors.AsType[*codemanager.APIError](err); ok {
			wait = max(wait, min(api.RetryAfter, transport.MaxRetryAfter))
		}
		return wait
	}
	if w.unreachable != "" {
		w.unreachable, w.interval = "", firstInterval
		w.tell(Event{Reachable: true})
	}
	state := w.subject.see(l)
	w.log(state)
	w.tell(Event{State: state})
	return wait
}

// cause is the innermost error: those around it name ports, which change.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// log writes each environment with its evidence, so that an operator can contest a verdict.
func (w *loop) log(state *State) {
	if w.opts.Logger == nil {
		return
	}
	for _, e := range state.Environments {
		w.opts.Logger.Debug("look", "environment", e.Name, "status", string(e.Status), "id", string(e.ID),
			"signature", e.Signature, "evidence", e.Evidence)
	}
}

func (w *loop) tell(event Event) {
	if w.opts.Observe != nil {
		w.opts.Observe(event)
	}
}
