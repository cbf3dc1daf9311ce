package follow

import (
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

const (
	// downAfter is how far a check-in must be behind the server's clock for a compiler to be down, and
	// downWatched how long it must be unchanged in a wait.
	downAfter   = 15 * time.Minute
	downWatched = 30 * time.Second
)

// compilers are all compilers that the looks of a command have shown. All of them are waited for,
// except those that are down (rule 5).
type compilers struct {
	hosts map[string]*compiler
	look  *look
	// watched is how long a check-in must be unchanged for a compiler to be down.
	watched time.Duration
}

// compiler is a client of file sync, as it was last listed.
type compiler struct {
	codemanager.FileSyncClient
	// has are its environments.
	has map[string]codemanager.DeployedEnvironment
	// since is the time of the first look that listed it; moved is true once its check-in has changed.
	since time.Time
	moved bool
	// missing is true if the latest look does not list it.
	missing bool
}

func newCompilers(watched time.Duration) *compilers {
	return &compilers{hosts: map[string]*compiler{}, watched: watched}
}

func (c *compilers) see(l *look) {
	c.look = l
	for _, h := range c.hosts {
		h.missing = true
	}
	for name, client := range l.status.Clients.Clients {
		h := c.hosts[name]
		if h == nil {
			h = &compiler{FileSyncClient: client, since: l.answered.mono}
			c.hosts[name] = h
		}
		before := h.checkIn()
		h.FileSyncClient, h.missing, h.has = client, false, make(map[string]codemanager.DeployedEnvironment, len(client.Deployed))
		h.moved = h.moved || !sameTime(h.checkIn(), before)
		for _, d := range client.Deployed {
			h.has[d.Environment] = d
		}
	}
}

func (h *compiler) checkIn() codemanager.Timestamp {
	if h.LastCheckIn == nil {
		return ""
	}
	return *h.LastCheckIn
}

// down reports whether a compiler is down: its check-in does not change and is more than 15 minutes
// behind the server's clock, or it never checked in although others did.
func (c *compilers) down(h *compiler) bool {
	if h.missing || h.moved || c.look.answered.mono.Sub(h.since) < c.watched {
		return false
	}
	if h.LastCheckIn == nil {
		return !c.silent()
	}
	at, ok := h.LastCheckIn.Time()
	return ok && !c.look.clock.IsZero() && c.look.clock.Sub(at) > downAfter
}

// silent reports whether there are compilers, but no compiler ever checked in.
func (c *compilers) silent() bool {
	for _, h := range c.hosts {
		if h.LastCheckIn != nil {
			return false
		}
	}
	return len(c.hosts) > 0
}

// place fills in where an environment is at the latest look.
func (c *compilers) place(e *Environment) {
	staged := c.look.of(e.Name).staged
	waited, current, committed := 0, 0, 0
	e.On, e.Staged, e.Current, e.Live = 0, staged != nil, "", ""
	for _, h := range c.hosts {
		if c.down(h) {
			continue
		}
		waited++
		d, ok := h.has[e.Name]
		if ok {
			e.On++
		}
		if ok && h.isCurrent(d, staged) {
			current++
		}
		if ok && staged != nil && d.DeploySignature == staged.DeploySignature {
			committed++
		}
	}
	e.Everywhere = e.Staged && current == waited
	if e.Staged {
		e.Current = staged.DeploySignature
	}
	if committed == waited {
		e.Live = e.Current
	}
}

// commits are the different commits of an environment on all compilers.
func (c *compilers) commits(name string) []string {
	var list []string
	for _, h := range c.hosts {
		if d, ok := h.has[name]; ok && !slices.Contains(list, d.DeploySignature) {
			list = append(list, d.DeploySignature)
		}
	}
	return list
}

// isCurrent reports whether a compiler has the staged code: the same commit, and not from an older
// staging, unless the server says that the compiler is in sync.
func (h *compiler) isCurrent(d codemanager.DeployedEnvironment, staged *codemanager.DeployedEnvironment) bool {
	return staged != nil && d.DeploySignature == staged.DeploySignature && (h.Synced || !before(d.Date, staged.Date))
}

// list are the compilers for a State. Different returns how many environments on a compiler differ
// from the staged ones, and whether it is behind.
func (c *compilers) list(different func(host string, h *compiler) (count int, behind bool)) []Compiler {
	list := make([]Compiler, 0, len(c.hosts))
	for _, name := range slices.Sorted(maps.Keys(c.hosts)) {
		h := c.hosts[name]
		count, behind := different(name, h)
		shown := Compiler{Host: name, LastCheckIn: h.LastCheckIn, Different: count}
		switch {
		case h.missing:
			shown.Standing = Missing
		case c.down(h):
			shown.Standing = Down
		case behind:
			shown.Standing = Behind
		}
		list = append(list, shown)
	}
	return list
}
