package follow

import "time"

// instant is a moment by both clocks of this machine. The monotonic clock may stand still while the
// machine is suspended, and somebody may set the wall clock.
type instant struct{ mono, wall time.Time }

// now reads both clocks.
func (o Options) now() instant {
	now := time.Now()
	if o.Wall == nil {
		return instant{now, now.Round(0)}
	}
	return instant{now, o.Wall()}
}

// to is the time from one instant to a later one, by the clock that shows more.
func (i instant) to(later instant) time.Duration {
	return max(later.mono.Sub(i.mono), later.wall.Sub(i.wall))
}
