package follow

import (
	"maps"
	"slices"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// downAfter is how far a check-in must be behind the server's clock for a compiler to be down.
const downAfter = 15 * time.Minute

// fleet has all compilers over the looks of one wait.
type fleet struct {
	hosts map[string]*host
	look  *look
	// patience is how long a check-in must be unchanged for a compiler to be down.
	patience time.Duration
}

// host is one compiler.
type host struct {
	codemanager.FileSyncClient
	// first is the check-in at the first look that listed it, since is the time of that look; moved
	// is true once a different check-in was seen.
	first codemanager.Timestamp
	since time.Time
	moved bool
	// missing is true if the latest look does not list it.
	missing bool
	// deployed are its environments by name, built on first use.
	deployed map[string]codemanager.DeployedEnvironment
}

func (f *fleet) see(l *look) {
	f.look = l
	if f.hosts == nil {
		f.hosts = map[string]*host{}
	}
	for _, h := range f.hosts {
		h.missing = true
	}
	for name, c := range l.status.Clients.Clients {
		h := f.hosts[name]
		if h == nil {
			h = &host{FileSyncClient: c, since: l.at}
			f.hosts[name], h.first = h, h.checkIn()
		}
		h.FileSyncClient, h.missing, h.deployed = c, false, nil
		h.moved = h.moved || h.checkIn() != h.first
	}
}

func (h *host) checkIn() codemanager.Timestamp {
	if h.LastCheckIn == nil {
		return ""
	}
	return *h.LastCheckIn
}

// has returns an environment on the compiler.
func (h *host) has(name string) (codemanager.DeployedEnvironment, bool) {
	if h.deployed == nil {
		h.deployed = make(map[string]codemanager.DeployedEnvironment, len(h.Deployed))
		for _, d := range h.Deployed {
			h.deployed[d.Environment] = d
		}
	}
	d, ok := h.deployed[name]
	return d, ok
}

// down reports whether a compiler is down: its check-in does not change and is more than 15 minutes
// behind the server's clock, or it never checked in although others did.
func (f *fleet) down(h *host) bool {
	if h.missing || h.moved || f.look.at.Sub(h.since) < f.patience {
		return false
	}
	if h.LastCheckIn == nil {
		return !f.silent()
	}
	at, ok := h.LastCheckIn.Time()
	return ok && !f.look.clock.IsZero() && f.look.clock.Sub(at) > downAfter
}

// silent reports whether there are compilers, but no compiler ever checked in.
func (f *fleet) silent() bool {
	for _, h := range f.hosts {
		if h.LastCheckIn != nil {
			return false
		}
	}
	return len(f.hosts) > 0
}

// checkIns are the check-ins of all hosts at the latest look.
func (f *fleet) checkIns() map[string]codemanager.Timestamp {
	all := make(map[string]codemanager.Timestamp, len(f.hosts))
	for name, h := range f.hosts {
		all[name] = h.checkIn()
	}
	return all
}

// compilers are the hosts for a State. Different returns how many environments on a host differ
// from the staged ones, and whether the host is behind.
func (f *fleet) compilers(different func(name string, h *host) (count int, behind bool)) []Compiler {
	list := make([]Compiler, 0, len(f.hosts))
	for _, name := range slices.Sorted(maps.Keys(f.hosts)) {
		h := f.hosts[name]
		count, behind := different(name, h)
		c := Compiler{Host: name, LastCheckIn: h.LastCheckIn, Different: count}
		switch {
		case h.missing:
			c.Standing = Missing
		case f.down(h):
			c.Standing = Down
		case behind:
			c.Standing = Behind
		}
		list = append(list, c)
	}
	return list
}

// onWaited reports whether a compiler that is waited for has an environment, in any version.
func (f *fleet) onWaited(name string) bool {
	for _, h := range f.hosts {
		if _, ok := h.has(name); ok && !f.down(h) {
			return true
		}
	}
	return false
}

// before compares dates of the server; false if one of them is not a time.
func before(a, b codemanager.Timestamp) bool {
	at, okA := a.Time()
	bt, okB := b.Time()
	return okA && okB && at.Before(bt)
}
