package codemanager

import (
	"context"
	"math/rand/v2"
	"time"
)

// Poller asks deploys/status again and again, at the intervals of a Follower.
type Poller struct {
	API interface {
		DeploysStatus(ctx context.Context) (*Snapshot, error)
	}
	// Unreachable is called when the server cannot be asked, once for each time.
	Unreachable func(error)
}

// Run calls seen with each answer until it returns true. Errors: those of
// Client.DeploysStatus that asking again will not mend; the cause of the end of
// ctx.
func (p Poller) Run(ctx context.Context, seen func(*Snapshot) bool) error {
	interval, unreachable := firstLook, false
	for {
		snapshot, err := p.API.DeploysStatus(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			unreachable = false
			if seen(snapshot) {
				return nil
			}
		case !tryAgain(err):
			return err
		case !unreachable:
			unreachable = true
			p.Unreachable(err)
		}
		select {
		case <-time.After(jittered(interval)):
			interval = nextInterval(interval)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// nextInterval is the time to the look after the next.
func nextInterval(interval time.Duration) time.Duration {
	return min(time.Duration(float64(interval)*growth), maxInterval)
}

// jittered changes an interval at random, so that many who wait do not ask all
// at once.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (1 + jitter*(2*rand.Float64()-1))) //nolint:gosec // no secret
}
