package follow_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestEverydayWaits counts how often the outcome of a wait stays unknown, in waits that people have: a
// proxy cuts the request after a minute, and the rest is as it says.
func TestEverydayWaits(t *testing.T) {
	const times = 100
	for _, test := range []struct {
		name string
		// most is how many of 100 may stay unknown.
		most int
		plan func(d dice, p *plan)
		slow bool
	}{
		{name: "a cut after 60 s", most: 2, plan: func(dice, *plan) {}},
		{name: "a cut at any time, of a deployment of 10 s or more", most: 5, plan: func(d dice, p *plan) {
			p.long = 10*time.Second + d.upTo(time.Minute)
			p.cut = time.Second + d.upTo(p.long)
		}},
		{name: "the same commit again", most: 2, plan: func(_ dice, p *plan) { p.redeploys = 100 }},
		{name: "the same commit again, and the date is kept", most: 2, plan: func(_ dice, p *plan) { p.redeploys, p.keeps = 100, true }},
		{name: "no ids", most: 2, plan: func(_ dice, p *plan) { p.ids = false }},
		{name: "deploys/status takes 6 s", most: 2, plan: func(_ dice, p *plan) { p.slowBefore, p.slowAfter = 3*time.Second, 3*time.Second }},
		{name: "deploys/status takes 12 s", most: 2, plan: func(_ dice, p *plan) { p.slowBefore, p.slowAfter = 6*time.Second, 6*time.Second }},
		{name: "an outage of 2 minutes", most: 2, plan: func(d dice, p *plan) { p.outage, p.outageFor = d.upTo(time.Minute)+5*time.Second, 2*time.Minute }},
		{name: "an outage of 2 minutes, and the date is kept", most: 100, plan: func(d dice, p *plan) {
			p.outage, p.outageFor = d.upTo(time.Minute)+5*time.Second, 2*time.Minute
			p.redeploys, p.keeps = 100, true
		}},
		{name: "somebody else's deployment is in flight", most: 2, plan: func(_ dice, p *plan) { p.inFlight = true }},
		{name: "--all, 300 environments, 2 workers", most: 2, plan: func(_ dice, p *plan) {
			p.all, p.environments, p.takes, p.least, p.long, p.listing = true, nil, time.Second/2, time.Second, 0, 5*time.Second
			for i := range 300 {
				p.environments = append(p.environments, fmt.Sprint("e", i))
			}
		}, slow: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := times
			if test.slow && os.Getenv("FOLLOW_SEEDS") == "" {
				n = 3
			}
			kinds := map[string]int{}
			for seed := range n {
				synctest.Test(t, func(t *testing.T) {
					d := dice{rand.New(rand.NewPCG(uint64(seed), 1))}
					p := plan{
						environments: []string{"p"}, workers: 2, ids: true, dates: true, redeploys: 0, takes: 4 * time.Second,
						long: 20*time.Second + d.upTo(2*time.Minute), listing: 100*time.Millisecond + d.upTo(time.Second),
						cut: time.Minute, cutBy: "504", leavesOut: -1, skew: 5 * time.Minute, lingers: d.upTo(4 * time.Second),
					}
					test.plan(d, &p)
					m := modelOf(d.Rand, p)
					list, state, err := m.run(t)
					kinds[kindOf(list, err)]++
					if problem, _ := m.judge(list, state, err); problem != "" {
						t.Errorf("seed %d: %s", seed, problem)
					}
				})
			}
			t.Logf("%s: %d of %d unknown; %v", test.name, kinds["8"], n, kinds)
			if kinds["8"]*100 > test.most*n {
				t.Errorf("more than %d of 100 stay unknown", test.most)
			}
		})
	}
}
