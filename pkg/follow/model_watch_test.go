package follow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// TestModelOfAWatch watches what others deploy, until nothing is in flight.
func TestModelOfAWatch(t *testing.T) {
	kinds := map[string]int{}
	for seed := range seeds(300) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			p := drawPlan(rnd)
			p.undelivered, p.gone, p.firstFails, p.long, p.inFlight = true, "", false, 0, true
			if p.others > 0.01 {
				p.others = 0.01
			}
			m := modelOf(rnd, p)
			m.sent = m.now
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			state, err := follow.Watch(ctx, m, m.environments, settled, follow.Options{Observe: m.observe, Wall: m.wall})
			m.Lock()
			defer m.Unlock()
			kinds[fmt.Sprintf("%T", err)]++
			if err != nil {
				return
			}
			for _, e := range state.Environments {
				kinds[string(e.Status)]++
				if problem := m.falselyWatched(e); problem != "" && !m.unnoticed {
					t.Errorf("seed %d: %s, but it is %s\nplan %+v\n%s", seed, e.Name, problem, p, m.history())
				}
			}
		})
		if t.Failed() {
			break
		}
	}
	t.Log(kinds)
}

// falselyWatched is the truth about an environment, if its status is false.
func (m *model) falselyWatched(e follow.Environment) string {
	var last *job
	failures := 0
	for _, j := range m.all {
		switch {
		case j.environment != e.Name:
		case j.fails && j.shown > 0 && !j.at.IsZero():
			failures++
			last = j
		case j.shown > 0:
			last = j
		}
	}
	later := false
	for _, j := range m.all {
		later = later || last != nil && j.environment == e.Name && j.version > 0 && j.at.After(last.at)
	}
	switch {
	case e.Status == codemanager.StatusFailed && failures == 0:
		return "without a failure"
	case e.Status != codemanager.StatusComplete || last == nil || later:
		return ""
	case last.over && last.shown == 1: // a known limit: whether it failed before the staging, no look tells
		return ""
	case last.version == 0:
		return "not staged"
	case !m.shownEverywhere(last):
		return "not on all compilers"
	default:
		return ""
	}
}
