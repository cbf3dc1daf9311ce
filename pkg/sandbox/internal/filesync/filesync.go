// Package filesync simulates the clients of file sync: compilers and the orchestrator, which poll
// the primary for new code. They have records and timing, but no copies of the environments.
package filesync

import (
	"context"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
)

// Client is the state of one client.
type Client struct {
	Name string
	// LastCheckIn is zero if the client never checked in.
	LastCheckIn time.Time
	// Deployed is the live code of the primary at that time.
	Deployed live.Published
}

// Synced reports whether the client has the same code as the primary.
func (c Client) Synced(primary live.Published) bool {
	return c.has(primary.Revision)
}

func (c Client) has(revision int64) bool {
	return !c.LastCheckIn.IsZero() && c.Deployed.Revision >= revision
}

// Clients are all clients of one primary.
type Clients struct {
	primary *live.Store
	now     func() time.Time
	down    map[string]bool
	stop    context.CancelFunc
	ended   chan struct{}

	mu      sync.Mutex
	clients []Client
	// changed is closed, and replaced, at every check-in.
	changed chan struct{}
}

// Start starts clients of these names. They check in once in each interval, except for those that
// are down.
func Start(primary *live.Store, names, down []string, interval time.Duration, now func() time.Time) *Clients {
	ctx, stop := context.WithCancel(context.Background())
	c := &Clients{
		primary: primary, now: now, down: map[string]bool{}, stop: stop,
		ended: make(chan struct{}), changed: make(chan struct{}),
	}
	for _, name := range names {
		c.clients = append(c.clients, Client{Name: name})
	}
	for _, name := range down {
		c.down[name] = true
	}
	go c.run(ctx, interval)
	return c
}

func (c *Clients) run(ctx context.Context, interval time.Duration) {
	defer close(c.ended)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.checkIn()
		}
	}
}

// checkIn updates all clients to the code of the primary.
func (c *Clients) checkIn() {
	published, now := c.primary.Published(), c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.clients {
		if client := &c.clients[i]; !c.down[client.Name] {
			client.LastCheckIn, client.Deployed = now, published
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// Await returns when every client has this revision of the primary, or with the cause of the
// context's end and the names of the clients that do not have it.
func (c *Clients) Await(ctx context.Context, revision int64) (behind []string, err error) {
	for {
		behind, changed := c.behind(revision)
		if len(behind) == 0 {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return behind, context.Cause(ctx)
		case <-changed:
		}
	}
}

// behind names the clients that do not have a revision. The channel is closed
// at the next check-in.
func (c *Clients) behind(revision int64) (names []string, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, client := range c.clients {
		if !client.has(revision) {
			names = append(names, client.Name)
		}
	}
	return names, c.changed
}

// Report returns the code of the primary and of every client.
func (c *Clients) Report() (primary live.Published, clients []Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.primary.Published(), append([]Client(nil), c.clients...)
}

// Close ends all check-ins.
func (c *Clients) Close() {
	c.stop()
	<-c.ended
}
