package acceptance

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// A server whose clock is wrong, or is set while it deploys, misleads nobody:
// its times are compared with each other only, and an answer that was cut is
// found all the same.
func TestClocksThatJump(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	for name, test := range map[string]struct{ before, during time.Duration }{
		"three hours ahead":      {3 * time.Hour, 3 * time.Hour},
		"three hours behind":     {-3 * time.Hour, -3 * time.Hour},
		"set forward meanwhile":  {0, 20 * time.Minute},
		"set back meanwhile":     {0, -20 * time.Minute},
		"set right from ahead":   {3 * time.Hour, 0},
		"set right from behind":  {-50 * time.Minute, 0},
		"a day forward, for all": {0, 24 * time.Hour},
	} {
		for kind, drop := range map[string]time.Duration{"held": 0, "cut": time.Second} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				var offset atomic.Int64
				n := newNetwork(t, sandbox.Options{
					DeployDelay: 2 * time.Second, DropWaitAfter: drop,
					Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
				})
				// What was there before is no outcome.
				n.endWith(n.start("deploy", "production", "nope", "--wait", "--quiet"), 3)
				offset.Store(int64(test.before))
				c := n.start("deploy", "production", "nope", "--wait")
				n.await(c, "deploying")
				offset.Store(int64(test.during))
				n.end(c, 3, "production complete", "nope failed")
			})
		}
	}
}
