package faults

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox"
)

// A server whose clock is set while it deploys misleads nobody, neither in an answer that is held nor
// after it was cut. The rules for other clocks are tested in package follow, without real time.
func TestServerClockIsSetDuringADeployment(t *testing.T) {
	testneeds.Time(t)
	t.Parallel()
	for name, test := range map[string]struct{ before, during, drop time.Duration }{
		"a day forward, held":    {0, 24 * time.Hour, 0},
		"right from behind, cut": {-50 * time.Minute, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var offset atomic.Int64
			n := harness.NewNetwork(t, sandbox.Options{
				DeployDelay: 2 * time.Second, DropWaitAfter: test.drop,
				Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
			})
			// An older failure does not count.
			n.EndWith(n.Start("deploy", "production", "nope", "--wait", "--quiet"), 3)
			offset.Store(int64(test.before))
			c := n.Start("deploy", "production", "nope", "--wait")
			n.Await(c, "deploying")
			offset.Store(int64(test.during))
			n.End(c, 3, "production complete", "nope failed")
		})
	}
}
