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

// The schedule of looks: soon after the request, then every second until ours are seen, then at
// intervals that grow to maxInterval, each varied at random by up to a tenth.
const (
	soon          = 200 * time.Millisecond
	firstInterval = time.Second
	growth        = 1.5
	maxInterval   = 5 * time.Second
	lookTimeout   = 30 * time.Second
)

// Looker gets deploys/status once. *codemanager.Client implements it.
type Looker interface {
	DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error)
}

// Event is something that happened in a wait. Exactly one field is set.
type Event struct {
	// State is the result of a look. The first one of a deployment comes before the request is sent.
	State *State
	// Broken is the error with which the request ended without an answer that decides. From then on,
	// only deploys/status shows the outcome. It comes once.
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
	// After is the State with which an earlier part of the same command ended. Compilers that it knows
	// are waited for. Only Watch uses it.
	After *State
	// Wall reads the wall clock, which goes on while the machine is suspended. Nil is the system's.
	Wall func() time.Time
}

// loop waits for what happens next.
type loop struct {
	api  Looker
	opts Options

	// answered receives the end of the request; nil without a request, and afterwards.
	answered <-chan guard.Result[answer]
	// looking receives the current look; nil if no look is running. held is a look that came together
	// with the end of the request.
	looking <-chan guard.Result[*look]
	held    *guard.Result[*look]
	cancel  context.CancelFunc

	interval time.Duration
	timer    *time.Timer
	// unreachable is the latest reported reason, "" while looks are answered.
	unreachable string
}

// step is what happened next. Exactly one field is set.
type step struct {
	look *look
	// missed is the error of a look that failed.
	missed error
	answer *answer
	// stopped is the cause of the end of the context.
	stopped error
}

func newLoop(api Looker, opts Options, first time.Duration) *loop {
	return &loop{api: api, opts: opts, interval: firstInterval, timer: time.NewTimer(first)}
}

// next waits for the end of the request, a look, or the end of ctx, and starts a look when it is time.
func (w *loop) next(ctx context.Context) step {
	for w.held == nil {
		select {
		case <-ctx.Done():
			return step{stopped: context.Cause(ctx)}
		case a := <-w.answered:
			return w.ended(a)
		case <-w.timer.C:
			if w.looking == nil {
				var looks context.Context
				looks, w.cancel = context.WithCancel(ctx)
				w.looking = guard.Start(func() (*look, error) { return lookOnce(looks, w.api, w.opts) })
			}
		case l := <-w.looking:
			w.cancel()
			w.looking, w.held = nil, &l
			select { // The end of a request counts before a look that saw what followed.
			case a := <-w.answered:
				return w.ended(a)
			default:
			}
		}
	}
	l := w.held
	w.held = nil
	if l.Err != nil {
		return step{missed: l.Err}
	}
	return step{look: l.Value}
}

func (w *loop) ended(a guard.Result[answer]) step {
	w.answered = nil
	if a.Err != nil { // a panic
		a.Value = answer{err: a.Err, at: w.opts.now()}
	}
	return step{answer: &a.Value}
}

// lastWord waits a moment for the end of the request after the wait has ended, nil if it does not come.
func (w *loop) lastWord() *answer {
	if w.answered == nil {
		return nil
	}
	select {
	case a := <-w.answered:
		return w.ended(a).answer
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// stop waits for what still runs, after its context has ended: nothing is logged afterwards.
func (w *loop) stop() {
	w.timer.Stop()
	if w.looking != nil {
		w.cancel()
		<-w.looking
	}
	if w.answered != nil {
		<-w.answered
	}
}

// again sets the time of the next look. The intervals begin anew.
func (w *loop) again(in time.Duration) {
	w.interval = firstInterval
	w.timer.Reset(in)
}

// show reports a state, and sets the time of the next look. Eager is true if the intervals must not
// grow yet.
func (w *loop) show(state *State, eager bool) {
	if w.unreachable != "" {
		w.unreachable, w.interval = "", firstInterval
		w.tell(Event{Reachable: true})
	}
	if eager {
		w.interval = firstInterval
	}
	w.log(state)
	w.tell(Event{State: state})
	w.timer.Reset(w.pace())
}

// miss reports a look that failed, and sets the time of the next one.
func (w *loop) miss(err error) {
	if reason := cause(err); w.unreachable != reason {
		w.unreachable = reason
		w.tell(Event{Unreachable: err})
	}
	wait := w.pace()
	if api, ok := errors.AsType[*codemanager.APIError](err); ok {
		wait = max(wait, min(api.RetryAfter, transport.MaxRetryAfter))
	}
	w.timer.Reset(wait)
}

// pace is the time to the next look. The one after it is longer.
func (w *loop) pace() time.Duration {
	wait := transport.Jittered(w.interval)
	w.interval = min(time.Duration(float64(w.interval)*growth), maxInterval)
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

// log writes each environment with its evidence, so that an operator can contest an outcome.
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
