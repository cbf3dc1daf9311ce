package follow_test

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// plan is the random sequence of events. Times count from the request.
type plan struct {
	environments []string
	all          bool
	// gone is an environment whose branch is deleted, in a deployment of all; fresh is one that is new.
	gone, fresh string
	workers     int
	ids, dates  bool
	// lateIDs is a server that shows an id only once the deployment has begun; forms is one that writes
	// the same time in several forms.
	lateIDs, forms bool
	// keeps is a server that keeps the date if the commit is the same; redeploys is how many percent of
	// the deployments have the same commit; lingers is how long an entry stays in the queue after it was
	// staged.
	keeps      bool
	redeploys  int
	lingers    time.Duration
	least      time.Duration
	takes      time.Duration
	long       time.Duration
	neverFails bool
	// listing is the time before the server queues anything; undelivered says that it never does.
	listing     time.Duration
	undelivered bool
	// cut and cutBy are a gateway's; dead is a connection that was cut silently; early is when an answer
	// comes that calls environments queued, leavesOut the index of one that it leaves out.
	cut       time.Duration
	cutBy     string
	dead      bool
	early     time.Duration
	leavesOut int
	// Looks: the first fails; each fails by chance, or lacks a part; all fail in an outage; each takes a
	// time, before the answer is made and afterwards.
	firstFails            bool
	lostLooks, nulls      float64
	outage, outageFor     time.Duration
	slowBefore, slowAfter time.Duration
	restart, restartFor   time.Duration
	balancer              bool
	forgets, survives     bool
	skew, set, setBy      time.Duration
	others, churn         float64
	inFlight              bool
	pause                 string
	pauseAt, pauseFor     time.Duration
	pauseFirst            time.Duration
	suspendedFirst        bool
}

// newModel draws a plan.
func newModel(rnd *rand.Rand) *model {
	m := modelOf(rnd, drawPlan(rnd))
	return m
}

func modelOf(rnd *rand.Rand, p plan) *model {
	m := &model{plan: p, rnd: rnd, now: time.Now(), staged: map[string]version{}, ours: map[string]*job{}}
	m.draw()
	return m
}

type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func (d dice) upTo(limit time.Duration) time.Duration { return time.Duration(d.Int64N(int64(limit))) }

func drawPlan(rnd *rand.Rand) plan {
	d := dice{rnd}
	p := plan{takes: 4 * time.Second, leavesOut: -1, pauseAt: time.Hour}
	p.environments = strings.Fields("p q r")[:1+rnd.IntN(3)]
	p.all, p.workers, p.ids, p.dates, p.keeps = d.chance(25), 1+rnd.IntN(2), d.chance(70), d.chance(85), d.chance(50)
	p.lateIDs, p.forms, p.redeploys = d.chance(20), d.chance(20), []int{0, 50, 100}[rnd.IntN(3)]
	p.skew = 5*365*24*time.Hour + d.upTo(time.Hour)
	if d.chance(40) {
		p.lingers = d.upTo(8 * time.Second)
	}
	if p.listing = d.upTo(2 * time.Second); p.all && d.chance(30) {
		p.listing = d.upTo(40 * time.Second)
	}
	if p.all && d.chance(40) {
		p.gone = p.environments[rnd.IntN(len(p.environments))]
	}
	if p.all && d.chance(30) && len(p.environments) > 1 {
		p.fresh = p.environments[0]
	}
	switch n := rnd.IntN(100); {
	case n < 55:
		p.cut, p.cutBy = d.upTo(40*time.Second)+1, []string{"reset", "502", "503", "504", "html"}[rnd.IntN(5)]
	case n < 65:
		p.dead = true
	case n < 75:
		p.early, p.leavesOut = d.upTo(20*time.Second)+1, rnd.IntN(len(p.environments)+1)
	}
	p.undelivered = p.cut > 0 && d.chance(15)
	drawLooks(d, &p)
	drawEvents(d, &p)
	return p
}

func drawLooks(d dice, p *plan) {
	p.firstFails = d.chance(10)
	if d.chance(30) {
		p.lostLooks = d.Float64() * 0.7
	}
	if d.chance(20) {
		p.nulls = d.Float64() * 0.5
	}
	if d.chance(20) {
		p.outage, p.outageFor = d.upTo(20*time.Second), d.upTo(2*time.Minute)
	}
	if d.chance(15) {
		p.slowBefore, p.slowAfter = d.upTo(6*time.Second), d.upTo(6*time.Second)
	}
}

func drawEvents(d dice, p *plan) {
	if d.chance(30) {
		p.restart, p.restartFor = d.upTo(20*time.Second)+1, d.upTo(30*time.Second)+time.Second
		p.forgets, p.survives = d.chance(30), d.chance(20)
		p.balancer = d.chance(50)
	}
	switch n := d.IntN(100); {
	case n < 30:
		p.others = d.Float64() * 0.05
	case n < 60:
		p.others = d.Float64() * 0.005
	}
	if d.chance(15) {
		p.churn = 0.05
	}
	p.inFlight = d.chance(30)
	if d.chance(20) {
		p.set, p.setBy = d.upTo(30*time.Second)+1, d.upTo(48*time.Hour)-24*time.Hour
	}
	if d.chance(30) {
		p.pause = []string{"suspended", "stopped", "before a look", "in a look"}[d.IntN(4)]
		p.pauseAt, p.pauseFor = d.upTo(20*time.Second), d.upTo(20*time.Second)
		if d.chance(40) {
			p.pauseFor = d.upTo(100 * time.Minute)
		}
	}
	if d.chance(5) {
		p.pauseFirst, p.suspendedFirst = d.upTo(time.Minute), d.chance(50)
	}
	if d.chance(1) {
		p.long, p.firstFails = 50*time.Minute, d.chance(50)
	}
}

// draw makes the estate, and lets it live for a while before the request.
func (m *model) draw() {
	d := dice{m.rnd}
	for _, host := range strings.Fields("a b c d")[:m.rnd.IntN(5)] {
		c := &compiler{host: host, interval: time.Second + d.upTo(9*time.Second), next: m.now.Add(d.upTo(5 * time.Second)), listed: true}
		c.has, c.had = map[string]version{}, map[string]int{}
		if d.chance(15) {
			c.skew = d.upTo(time.Hour) - 30*time.Minute
		}
		if c.dead = d.chance(10); c.dead && d.chance(50) {
			c.checkIn = m.clock().Add(-16*time.Minute - d.upTo(time.Hour))
		}
		m.compilers = append(m.compilers, c)
	}
	for _, name := range m.environments {
		if name != m.fresh && (m.plan.all || d.chance(80)) {
			m.stage(&job{environment: name})
		}
	}
	time.Sleep(20 * time.Second)
	m.advance()
	if m.inFlight {
		m.enter(m.environments[0], false)
		time.Sleep(d.upTo(2 * time.Second))
		m.advance()
	}
}

// timestamp writes a time, in one of several forms if the server does.
func (m *model) timestamp(t time.Time) codemanager.Timestamp {
	if !m.forms {
		return codemanager.NewTimestamp(t)
	}
	t = t.Truncate(time.Millisecond)
	return codemanager.Timestamp(t.UTC().Format([]string{
		"2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05.999Z", "2006-01-02T15:04:05.000000+00:00", "2006-01-02T15:04:05.999999999+00:00",
	}[m.rnd.IntN(4)]))
}
