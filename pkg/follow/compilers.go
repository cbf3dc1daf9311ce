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
	// firstCheckIn is the check-in at the first look that listed it, since is the time of that look;
	// moved is true once a different check-in was seen.
	firstCheckIn codemanager.Timestamp
	since        time.Time
	moved        bool
	// missing is true if the latest look does not list it.
	missing bool
	// byName are its environments, made on first use.
	byName map[string]codemanager.DeployedEnvironment
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
			c.hosts[name], h.firstCheckIn = h, h.checkIn()
		}
		h.FileSyncClient, h.missing, h.byName = client, false, nil
		h.moved = h.moved || !sameTime(h.checkIn(), h.firstCheckIn)
	}
}

func (h *compiler) checkIn() codemanager.Timestamp {
	if h.LastCheckIn == nil {
		return ""
	}
	return *h.LastCheckIn
}

// has returns an environment on the compiler.
func (h *compiler) has(name string) (codemanager.DeployedEnvironment, bool) {
	if h.byName == nil {
		h.byName = make(map[string]codemanager.DeployedEnvironment, len(h.Deployed))
		for _, d := range h.Deployed {
			h.byName[d.Environment] = d
		}
	}
	d, ok := h.byName[name]
	return d, ok
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

// coverage is where one environment is, at a look.
type coverage struct {
	// on counts the compilers that are waited for and have it in any version, current those that have
	// the code that is staged now, committed those that have its commit, of whatever date.
	on, current, committed int
	// commits are the different commits on all compilers.
	commits []string
}

// cover compares the compilers with what is staged, in one pass. Waited is the number of compilers
// that are waited for, same the number of environments of each host that are as they are staged.
func (c *compilers) cover(wants func(name string) bool) (covered map[string]*coverage, same map[string]int, waited int) {
	covered, same = map[string]*coverage{}, map[string]int{}
	for name, h := range c.hosts {
		isWaited := !c.down(h)
		if isWaited {
			waited++
		}
		for _, d := range h.Deployed {
			if d.Environment == "" || !wants(d.Environment) {
				continue
			}
			e := covered[d.Environment]
			if e == nil {
				e = &coverage{}
				covered[d.Environment] = e
			}
			if !slices.Contains(e.commits, d.DeploySignature) {
				e.commits = append(e.commits, d.DeploySignature)
			}
			staged := c.look.of(d.Environment).staged
			current := h.isCurrent(d, staged)
			if current {
				same[name]++
			}
			if !isWaited {
				continue
			}
			e.on++
			if current {
				e.current++
			}
			if staged != nil && staged.DeploySignature == d.DeploySignature {
				e.committed++
			}
		}
	}
	return covered, same, waited
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
