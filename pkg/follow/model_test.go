package follow_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// FuzzModel runs random sequences against a server that knows the truth: a success is one, a failure
// is ours, and nothing is unknown as long as no look is missed.
func FuzzModel(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkModel(t, seed) })
}

func checkModel(t *testing.T, seed uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newModel(rand.New(rand.NewPCG(seed, 0)))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		req := codemanager.DeployRequest{Environments: m.environments, DeployAll: m.all}
		list, state, err := follow.Deploy(ctx, m, req, follow.Options{})
		m.Lock()
		defer m.Unlock()
		if problem := m.judge(list, err); problem != "" {
			t.Errorf("seed %d: %s\nplan %+v\noutcome %q, %v after %s", seed, problem, m.plan, outcome(list, err), err, time.Since(m.sent))
			for _, e := range state.Environments {
				t.Errorf("%s: %s by %s", e.Name, e.Status, e.Evidence)
			}
		}
	})
}

// judge compares an outcome with the truth.
func (m *model) judge(list []codemanager.Deployment, err error) string {
	_, unknown := errors.AsType[*follow.UnknownError](err)
	_, unfinished := errors.AsType[*follow.UnfinishedError](err)
	switch {
	case (unknown || unfinished) && m.gapless():
		return "unknown, although no look was missed"
	case err == nil && len(list) != len(m.environments):
		return "the outcome has not all environments"
	}
	for _, d := range list {
		j := m.ours[d.Environment]
		switch {
		case j == nil:
			return d.Environment + " was never queued"
		case d.Status == codemanager.StatusFailed && (!j.fails || j.version > 0):
			return d.Environment + " did not fail"
		case d.Status == codemanager.StatusComplete && j.version == 0:
			return d.Environment + " was not staged"
		case d.Status == codemanager.StatusComplete && !m.shownEverywhere(j):
			return d.Environment + " is not on all compilers"
		}
	}
	return ""
}

// gapless reports whether nothing was missed: no look failed, the server was not restarted, and the
// request was answered, or all of ours was seen in the queue after it ended.
func (m *model) gapless() bool {
	return m.failedLooks == 0 && !m.firstFails && !m.restarted && !m.undelivered && (m.cutAt.IsZero() || m.seenAfterCut)
}

// shownEverywhere reports whether every compiler that a look had shown had a staging at some time, or a
// later one: a restarted server may forget it again.
func (m *model) shownEverywhere(j *job) bool {
	for _, c := range m.compilers {
		if !c.dead && c.everShown && c.had[j.environment] < j.version {
			return false
		}
	}
	return true
}

// newModel draws a plan.
func newModel(rnd *rand.Rand) *model {
	chance := func(percent int) bool { return rnd.IntN(100) < percent }
	upTo := func(limit time.Duration) time.Duration { return time.Duration(rnd.Int64N(int64(limit))) }
	m := &model{rnd: rnd, now: time.Now(), staged: map[string]version{}, ours: map[string]*job{}}
	p := &m.plan
	p.environments = strings.Fields("p q r")[:1+rnd.IntN(3)]
	p.all, p.workers, p.ids, p.dates, p.keeps = chance(25), 1+rnd.IntN(2), chance(70), chance(85), chance(50)
	p.skew = 5*365*24*time.Hour + upTo(time.Hour)
	if chance(40) {
		p.lingers = upTo(8 * time.Second)
	}
	if p.listing = upTo(2 * time.Second); p.all && chance(30) {
		p.listing = upTo(40 * time.Second)
	}
	if chance(60) {
		p.cut, p.cutBy = upTo(40*time.Second)+1, []string{"reset", "502", "503", "504", "html"}[rnd.IntN(5)]
	}
	p.undelivered = p.cut > 0 && chance(15)
	p.firstFails = chance(10)
	if chance(30) {
		p.lostLooks = rnd.Float64() * 0.7
	}
	if chance(30) {
		p.restart, p.restartFor = upTo(20*time.Second)+1, upTo(30*time.Second)+time.Second
		p.forgets = chance(30)
		if p.balancer = chance(50); p.balancer {
			p.restartFor += 6 * time.Second // so that it is noticed
		}
	}
	if chance(60) && (p.dates || !p.firstFails) {
		p.others = rnd.Float64() * 0.05
	}
	if chance(20) {
		p.set, p.setBy = upTo(30*time.Second)+1, upTo(48*time.Hour)-24*time.Hour
	}
	m.draw(chance, upTo)
	return m
}

// draw makes the estate, and lets it live for a while before the request.
func (m *model) draw(chance func(int) bool, upTo func(time.Duration) time.Duration) {
	for _, host := range strings.Fields("a b c d")[:m.rnd.IntN(5)] {
		c := &compiler{host: host, interval: time.Second + upTo(9*time.Second), next: m.now.Add(upTo(5 * time.Second)), listed: true}
		c.has, c.had = map[string]version{}, map[string]int{}
		if chance(15) {
			c.skew = upTo(time.Hour) - 30*time.Minute
		}
		if c.dead = chance(10); c.dead && chance(50) {
			at := codemanager.NewTimestamp(m.clock().Add(-16*time.Minute - upTo(time.Hour)))
			c.checkIn = &at
		}
		m.compilers = append(m.compilers, c)
	}
	for _, name := range m.environments {
		if m.all || chance(80) {
			m.stage(&job{environment: name})
		}
	}
	time.Sleep(20 * time.Second)
	m.advance()
	if m.firstFails { // then the time decides: within seconds of the request it cannot
		others := m.others
		m.others = 0
		time.Sleep(10 * time.Second)
		m.advance()
		m.others = others
	}
}

// DeploysStatus is one look.
func (m *model) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	m.Lock()
	asked, first := time.Now(), m.sent.IsZero()
	delay := time.Duration(0)
	if m.rnd.IntN(10) == 0 {
		delay = time.Duration(m.rnd.Int64N(int64(time.Second)))
	}
	m.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
	}
	m.Lock()
	defer m.Unlock()
	m.advance()
	if m.away() || first && m.firstFails || !first && m.rnd.Float64() < m.lostLooks {
		if !first {
			m.failedLooks++
		}
		return nil, &codemanager.ConnectionError{Err: errLost}
	}
	if !m.cutAt.IsZero() && asked.After(m.cutAt) && !m.lookedSince {
		m.lookedSince, m.seenAfterCut = true, m.allQueued()
	}
	return m.show(first), nil
}

func (m *model) allQueued() bool {
	count := 0
	for _, j := range m.queue {
		if j.mine {
			count++
		}
	}
	return count == len(m.environments)
}

// show is the answer of deploys/status.
func (m *model) show(first bool) *codemanager.DeploysStatus {
	status := emptyStatus()
	if m.dates {
		status.Date = m.clock().Truncate(time.Second)
	}
	q := &status.Deploys
	for _, j := range m.queue {
		list := map[codemanager.Status]*[]codemanager.QueuedDeploy{
			codemanager.StatusNew: &q.New, codemanager.StatusQueued: &q.Queued, codemanager.StatusDeploying: &q.Deploying,
		}[j.status]
		*list = append(*list, codemanager.QueuedDeploy{Environment: j.environment, QueuedAt: j.queuedAt, ID: j.id})
		j.seen = j.seen || !first
	}
	for _, j := range m.failed {
		q.Failed = append(q.Failed, codemanager.QueuedDeploy{Environment: j.environment, QueuedAt: j.queuedAt, ID: j.id})
		j.seen = j.seen || !first
	}
	for name, v := range m.staged {
		status.Storage.Deployed = append(status.Storage.Deployed, codemanager.DeployedEnvironment{Environment: name, Date: v.date, DeploySignature: v.commit})
	}
	for _, c := range m.compilers {
		if !c.listed {
			continue
		}
		c.everShown = true
		shown := codemanager.FileSyncClient{LastCheckIn: c.checkIn, Synced: true}
		for name, v := range m.staged {
			shown.Synced = shown.Synced && c.has[name] == v
		}
		for name, v := range c.has {
			shown.Deployed = append(shown.Deployed, codemanager.DeployedEnvironment{Environment: name, Date: v.date, DeploySignature: v.commit})
		}
		status.Clients.Clients[c.host] = shown
	}
	return status
}
