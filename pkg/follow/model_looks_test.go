package follow_test

import (
	"context"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// DeploysStatus is one look.
func (m *model) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	m.Lock()
	m.advance()
	asked, askedAt, first := m.since(), m.now, m.sent.IsZero()
	before, after := m.slowBefore, m.slowAfter
	if m.rnd.IntN(10) == 0 {
		before += time.Duration(m.rnd.Int64N(int64(time.Second)))
	}
	before += m.due("before a look")
	m.Unlock()
	m.sleep(ctx, before)
	m.Lock()
	m.advance()
	good := m.looks
	crossed := m.hidden // by a restart since the look before
	status, err := m.look(first, asked)
	pause := m.due("in a look")
	if first && err == nil && m.pauseFirst > 0 {
		if m.suspendedFirst {
			m.suspended += m.pauseFirst
		} else {
			pause += m.pauseFirst
		}
	}
	m.Unlock()
	m.sleep(ctx, after)
	time.Sleep(pause)
	m.Lock()
	defer m.Unlock()
	m.advance()
	if m.looks > good { // the times of a gap
		paused := askedAt.Sub(m.lastAnswered) > 8*time.Second || m.now.Sub(m.lastAsked) > 30*time.Second
		m.unnoticed = m.unnoticed || crossed && m.hidden && !paused
		m.hidden = m.hidden && !crossed
		m.lastAsked, m.lastAnswered = askedAt, m.now
	}
	return status, err
}

func (m *model) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// observe runs in the client's process, which may be stopped there.
func (m *model) observe(follow.Event) {
	m.Lock()
	pause := m.due("stopped")
	m.Unlock()
	time.Sleep(pause)
}

// look is the answer of deploys/status at this moment.
func (m *model) look(first bool, asked time.Duration) (*codemanager.DeploysStatus, error) {
	out := !first && m.outageFor > 0 && m.since() >= m.outage && m.since() < m.outage+m.outageFor
	if m.away() || out || first && m.firstFails || !first && m.rnd.Float64() < m.lostLooks {
		m.notice()
		return nil, &codemanager.ConnectionError{Err: errLost}
	}
	status := m.show()
	if m.rnd.Float64() < m.nulls {
		q := &status.Deploys
		parts := []string{"deploys", "new", "queued", "deploying", "failed", "storage", "clients"}
		setNull(status, map[string]*[]codemanager.QueuedDeploy{"new": &q.New, "queued": &q.Queued, "deploying": &q.Deploying, "failed": &q.Failed}, parts[m.rnd.IntN(len(parts))])
		m.notice()
		return status, nil
	}
	m.note(first, asked)
	return status, nil
}

// note notes what a good look has shown.
func (m *model) note(first bool, asked time.Duration) {
	m.looks++
	m.noticed = false
	window := 5 * time.Second
	if m.plan.all {
		window = 90 * time.Second
	}
	for i, list := range [][]*job{m.queue, m.failed} {
		for _, j := range list {
			if j.shown == 0 {
				j.shown, j.early, j.over = m.looks, !first && asked <= window, i == 1
			}
		}
	}
	m.live = m.staged[m.environments[0]].commit
	for _, c := range m.compilers {
		c.everShown = c.everShown || c.listed
		if c.everShown && !c.dead && c.has[m.environments[0]].commit != m.live {
			m.live = ""
		}
	}
}

// show is the body of an answer.
func (m *model) show() *codemanager.DeploysStatus {
	status := emptyStatus()
	if m.dates {
		status.Date = m.clock().Truncate(time.Second)
	}
	q := &status.Deploys
	lists := map[codemanager.Status]*[]codemanager.QueuedDeploy{
		codemanager.StatusNew: &q.New, codemanager.StatusQueued: &q.Queued, codemanager.StatusDeploying: &q.Deploying,
	}
	for _, j := range m.queue {
		*lists[j.status] = append(*lists[j.status], m.record(j))
	}
	for _, j := range m.failed {
		q.Failed = append(q.Failed, m.record(j))
	}
	status.Storage.Deployed = append(status.Storage.Deployed, m.deployed(m.staged)...)
	for _, c := range m.compilers {
		if !c.listed {
			continue
		}
		shown := codemanager.FileSyncClient{Synced: true, Deployed: m.deployed(c.has)}
		if !c.checkIn.IsZero() {
			at := m.timestamp(c.checkIn)
			shown.LastCheckIn = &at
		}
		for name, v := range m.staged {
			shown.Synced = shown.Synced && c.has[name] == v
		}
		status.Clients.Clients[c.host] = shown
	}
	return status
}

func (m *model) record(j *job) codemanager.QueuedDeploy {
	id := j.id
	if m.lateIDs && (j.status == codemanager.StatusNew || j.status == codemanager.StatusQueued) {
		id = ""
	}
	return codemanager.QueuedDeploy{Environment: j.environment, QueuedAt: m.timestamp(j.queuedAt), ID: id}
}

func (m *model) deployed(versions map[string]version) []codemanager.DeployedEnvironment {
	list := []codemanager.DeployedEnvironment{}
	for name, v := range versions {
		list = append(list, codemanager.DeployedEnvironment{Environment: name, Date: m.timestamp(v.date), DeploySignature: v.commit})
	}
	return list
}
