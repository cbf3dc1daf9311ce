package codemanager

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// How often deploys/status is asked: first after firstLook, then at intervals
// that grow to maxInterval, each changed at random by up to a tenth.
const (
	firstLook   = time.Second
	growth      = 1.5
	maxInterval = 5 * time.Second
	jitter      = 0.1
	lookTimeout = 30 * time.Second
	lastLook    = 2 * time.Second
	// lastWord is how long the request is given to say how it ended.
	lastWord  = 50 * time.Millisecond
	lostAfter = 30 * time.Second
	// giveUpAfter ends a wait for a server that is out of reach: it will not
	// know of the deployment when it comes back.
	giveUpAfter  = time.Hour
	silenceAfter = 30 * time.Second
)

// API is what following needs of a Client.
type API interface {
	StreamDeploy(ctx context.Context, req DeployRequest, results Results) error
	DeploysStatus(ctx context.Context) (*Snapshot, error)
}

// Event is something that somebody who waits wants to know. Exactly one of its
// fields is set.
type Event struct {
	// Progress is what a look at deploys/status showed.
	Progress *Progress
	// Broken says how the request that waits ended without an answer. From now
	// on deploys/status says what becomes of the deployment. It comes once.
	Broken error
	// Unreachable says why deploys/status cannot be asked. It comes once for
	// each time that the server is out of reach.
	Unreachable error
	// Reachable says that it can be asked again.
	Reachable bool
}

// Follower deploys and waits for the outcome, also where the connection does
// not last as long as the deployment.
type Follower struct {
	API API
	// Observe is called with every Event, from the goroutine of Run. With nil,
	// deploys/status is not asked as long as the request that waits is alive.
	Observe func(Event)
}

// UnfinishedError is a wait that ended, by its context, before the deployment
// did.
type UnfinishedError struct {
	// Progress is the last that was seen; nil where nothing was.
	Progress *Progress
	// Sent reports whether the deployment may have reached the server.
	Sent bool
	// Err is the cause of the context's end.
	Err error
}

func (e *UnfinishedError) Error() string { return e.Err.Error() }
func (e *UnfinishedError) Unwrap() error { return e.Err }

// LostError is a deployment that the server shows no trace of: it was
// restarted, or the request never reached it. It does not unwrap to how the
// request ended: the server can be reached, and knows nothing.
type LostError struct {
	// Environments are those without a trace; none where nothing at all was seen.
	Environments []string
	// Err is how the request that waits had ended.
	Err error
}

func (e *LostError) Error() string {
	what := "the deployment"
	if len(e.Environments) > 0 {
		what = "the deployment of " + strings.Join(e.Environments, ", ")
	}
	return fmt.Sprintf("the server shows no trace of %s: it was restarted, or the request never reached it (%v)", what, e.Err)
}

// Run sends a request that waits, and gives the outcome to results: the
// server's own answer where there is one, else what deploys/status says
// (docs/following.md). After an error results have nothing.
//
// Errors: those of Client.Deploy where the server answered, or the request
// never left; *LostError; *UnfinishedError when ctx ends first.
func (f *Follower) Run(ctx context.Context, req DeployRequest, results Results) error {
	req.Wait = true
	run := &following{
		api: f.API, observe: f.Observe, interval: firstLook,
		settler: newSettler(req.Environments, time.Now()),
	}
	if req.DeployAll {
		run.settler.named = nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	run.answered = make(chan error, 1)
	var held sync.WaitGroup
	held.Go(func() { run.answered <- f.API.StreamDeploy(ctx, req, results) })
	seen, err := run.wait(ctx)
	cancel(nil)
	held.Wait() // nobody writes to results any more
	if err != nil || seen != nil {
		results.Reset() // of what the request may have had before it ended
	}
	if err != nil || seen == nil {
		return err
	}
	return seen.give(results)
}
