package codemanager

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// following is one run of a Follower.
type following struct {
	api     API
	observe func(Event)
	settler *settler

	// answered says how the request that waits ended; nil is with an answer,
	// which the results have. broken is how it ended without one, nil as long as
	// it is alive.
	answered chan error
	broken   error
	// looked gives the answer of the look that is under way, nil of none.
	looked   chan look
	interval time.Duration
	// unreachable is since when deploys/status cannot be asked, zero while it can.
	unreachable time.Time
	progress    *Progress
	// settledAt is when deploys/status said that all is over.
	settledAt time.Time
}

type look struct {
	snapshot *Snapshot
	err      error
	at       time.Time
}

// wait is the one loop: an answer, a look, the time for the next, or the end.
// Its result is nil where the request was answered.
func (r *following) wait(ctx context.Context) (*Progress, error) {
	next := time.NewTimer(jittered(r.interval))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return r.unfinished(ctx)
		case err := <-r.answered:
			if ctx.Err() != nil {
				r.answered <- err
				continue
			}
			if err == nil || !outlives(err) {
				return nil, err
			}
			r.release(err)
			next.Reset(0)
		case <-next.C:
			if r.looked == nil && (r.observe != nil || r.broken != nil) {
				r.look(ctx)
			}
		case seen := <-r.looked:
			r.looked = nil
			if over, err := r.take(seen); over {
				return r.progress, err
			}
			next.Reset(jittered(r.interval))
		}
	}
}

// outlives reports whether a deployment may go on although its request ended
// like this: the connection broke after the request had left, or a proxy
// answered in the server's place.
func outlives(err error) bool {
	if broken, ok := errors.AsType[*ConnectionError](err); ok {
		return broken.Sent
	}
	if api, ok := errors.AsType[*APIError](err); ok && api.Kind == "" {
		switch api.StatusCode {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return false
}

// release goes on without the request that waited.
func (r *following) release(err error) {
	r.broken = err
	r.interval = firstLook
	r.settler.release(time.Now())
	r.settler.doubtful = !r.unreachable.IsZero()
	// A proxy that could not reach the server may not have delivered the request.
	if api, ok := errors.AsType[*APIError](err); ok && api.StatusCode != http.StatusGatewayTimeout {
		r.settler.doubtful = true
	}
	r.tell(Event{Broken: err})
}

// look asks deploys/status; its answer comes through r.looked.
func (r *following) look(ctx context.Context) {
	looked := make(chan look, 1)
	r.looked = looked
	go func() {
		ctx, cancel := context.WithTimeoutCause(ctx, lookTimeout, errors.New("no answer in time"))
		defer cancel()
		snapshot, err := r.api.DeploysStatus(ctx)
		looked <- look{snapshot, err, time.Now()}
	}()
}

// take judges a look. Over is true when the outcome is there: the progress, or
// an error.
func (r *following) take(seen look) (over bool, err error) {
	if seen.err != nil {
		if r.broken != nil && (!tryAgain(seen.err) || r.outOfReach(seen.at) >= giveUpAfter) {
			return true, seen.err
		}
		r.miss(seen)
		return false, nil
	}
	if !r.unreachable.IsZero() {
		r.unreachable, r.interval = time.Time{}, firstLook
		r.tell(Event{Reachable: true})
	} else {
		r.interval = nextInterval(r.interval)
	}
	progress := r.settler.look(seen.snapshot, seen.at)
	r.progress = &progress
	r.tell(Event{Progress: &progress})
	switch {
	case !progress.settled():
		r.settledAt = time.Time{}
	case r.settledAt.IsZero():
		r.settledAt = seen.at
	}
	// For all environments more may be queued yet: a second look makes sure.
	sure := progress.settled() && (r.settler.named != nil || seen.at.After(r.settledAt))
	if r.broken == nil {
		// A connection that was cut without a word never ends by itself.
		silent := sure && seen.at.Sub(r.settledAt) >= silenceAfter
		return silent, nil
	}
	if sure {
		return true, nil
	}
	if names, lost := r.settler.lost(seen.at, lostAfter); lost {
		return true, &LostError{Environments: names, Err: r.broken}
	}
	return false, nil
}

// miss notes a look that failed.
func (r *following) miss(seen look) {
	r.interval = nextInterval(r.interval)
	if !r.unreachable.IsZero() {
		return
	}
	r.unreachable = seen.at
	if r.broken != nil {
		r.settler.doubtful = true
	}
	r.tell(Event{Unreachable: seen.err})
}

// outOfReach is for how long the server could not be asked.
func (r *following) outOfReach(now time.Time) time.Duration {
	if r.unreachable.IsZero() {
		return 0
	}
	return now.Sub(r.unreachable)
}

// tryAgain reports whether another look may get an answer where this one got
// an error.
func tryAgain(err error) bool {
	if api, ok := errors.AsType[*APIError](err); ok {
		return api.StatusCode >= http.StatusInternalServerError
	}
	return is[*ConnectionError](err)
}

func (r *following) tell(event Event) {
	if r.observe != nil {
		r.observe(event)
	}
}

// unfinished ends the wait with its context. A result that came at the same
// moment is not lost. Where nothing was seen for want of anybody watching, it
// looks once more.
func (r *following) unfinished(ctx context.Context) (*Progress, error) {
	e := &UnfinishedError{Progress: r.progress, Sent: true, Err: context.Cause(ctx)}
	if r.broken == nil {
		select {
		case err := <-r.answered:
			if err == nil {
				return nil, nil
			}
			if broken, ok := errors.AsType[*ConnectionError](err); ok {
				e.Sent = broken.Sent
			}
		case <-time.After(lastWord):
		}
	}
	if e.Progress != nil || !e.Sent || !errors.Is(e.Err, context.DeadlineExceeded) {
		return nil, e
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if snapshot, err := r.api.DeploysStatus(last); err == nil {
		progress := r.settler.look(snapshot, time.Now())
		e.Progress = &progress
	}
	return nil, e
}
