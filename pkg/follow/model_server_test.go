package follow_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// tick is the step of the model.
const tick = 100 * time.Millisecond

// model is a Code Manager with compilers, a gateway and other users, as a process that may be paused
// sees it. It knows the truth, and advances with each request.
type model struct {
	sync.Mutex
	plan

	rnd *rand.Rand
	// now is the time that has passed, also while this machine was suspended.
	now       time.Time
	suspended time.Duration
	queue     []*job
	// failed are the failures that the server remembers, all are all jobs that there ever were.
	failed, all []*job
	staged      map[string]version
	// versions counts all stagings: a date can be kept, a version not.
	versions, lastID int
	compilers        []*compiler
	// ours are the jobs of the request by environment.
	ours map[string]*job
	// sent is when the request came, zero before.
	sent time.Time
	// restarted is true after the restart, unnoticed if the two good looks around it show nothing of it;
	// hidden is true between them.
	restarted, unnoticed, hidden bool
	// answered is true if the server's answer decided.
	answered bool
	// looks counts the good looks; noticed is true if a look failed or the request ended since the latest.
	looks                   int
	noticed                 bool
	lastAsked, lastAnswered time.Time
	// live is the environment with the expected commit at the latest good look: its staged commit, ""
	// if a compiler has another one.
	live string
}

// job is one entry of the queue.
type job struct {
	environment   string
	queuedAt      time.Time
	id            codemanager.ID
	mine          bool
	fails         bool
	sameCommit    bool
	takes, lasted time.Duration
	status        codemanager.Status
	// shown is the number of the first good look that showed it, 0 for none; early is true if that look
	// was asked within the time in which new entries are ours, over if it showed a failure.
	shown       int
	early, over bool
	// version is its staging, 0 before; unseenRestart is true if the server forgot it.
	version int
	lost    bool
	at      time.Time // of staging or failure
}

type version struct {
	number int
	commit string
	date   time.Time
}

type compiler struct {
	host      string
	interval  time.Duration
	skew      time.Duration
	next      time.Time
	dead      bool
	checkIn   time.Time
	has       map[string]version
	had       map[string]int // the latest version of each environment, even if it was forgotten
	listed    bool           // by the server
	everShown bool           // by a look
}

func (m *model) clock() time.Time { return m.now.Add(m.skew) }

// wall is the wall clock of the client's machine, which goes on while it is suspended.
func (m *model) wall() time.Time {
	m.Lock()
	defer m.Unlock()
	m.advance() // a suspension that is due comes before
	return time.Now().Round(0).Add(m.suspended)
}

// since is the time since the request, before it 0.
func (m *model) since() time.Duration {
	if m.sent.IsZero() {
		return 0
	}
	return m.now.Sub(m.sent)
}

// advance lets time pass.
func (m *model) advance() {
	for m.now.Before(time.Now().Add(m.suspended)) {
		m.now = m.now.Add(tick)
		m.step()
		if d := m.due("suspended"); d > 0 {
			m.suspended += d
		}
	}
}

// due is the length of a pause of this kind that begins now, 0 for none.
func (m *model) due(kind string) time.Duration {
	if m.pause != kind || m.sent.IsZero() || m.since() < m.pauseAt {
		return 0
	}
	m.pause = ""
	return m.pauseFor
}

// notice notes an event that makes a gap. Pauses do so by their length.
func (m *model) notice() { m.noticed, m.hidden = true, false }

func (m *model) away() bool {
	return m.restart > 0 && m.since() >= m.restart && m.since() < m.restart+m.restartFor
}

func (m *model) step() {
	if m.set > 0 && m.since() >= m.set {
		m.skew, m.set = m.skew+m.setBy, 0
	}
	if m.away() {
		m.stop()
		return
	}
	if !m.sent.IsZero() && len(m.ours) == 0 && !m.undelivered && !m.restarted && m.since() >= m.listing {
		for _, name := range m.environments {
			if name != m.gone {
				m.ours[name] = m.enter(name, true)
			}
		}
		delete(m.staged, m.gone)
	}
	if m.rnd.Float64() < m.others && len(m.queue) < 20 && m.since() < 10*time.Minute {
		if name := m.environments[m.rnd.IntN(len(m.environments))]; name != m.gone {
			m.enter(name, false)
		}
	}
	if m.churn > 0 && m.rnd.Float64() < m.churn {
		m.stage(&job{environment: "z"})
	}
	if len(m.queue) > 0 {
		m.work()
	}
	if len(m.failed) > 0 && m.now.Sub(m.failed[0].at) > time.Hour { // the server's deploy-ttl
		m.failed = m.failed[1:]
	}
	for _, c := range m.compilers {
		if !c.dead && !m.now.Before(c.next) {
			c.next, c.listed = m.now.Add(c.interval), true
			c.checkIn = m.clock().Add(c.skew)
			c.has = map[string]version{}
			for name, v := range m.staged {
				c.has[name] = v
				c.had[name] = max(c.had[name], v.number)
			}
		}
	}
}

// stop is a restart: the queue and the failures are gone, and ids restart.
func (m *model) stop() {
	if m.restarted {
		return
	}
	m.restarted = true
	if m.survives {
		return
	}
	m.hidden = !m.noticed
	for _, j := range m.queue {
		j.lost = true
	}
	m.queue, m.failed, m.lastID = nil, nil, 0
	for _, c := range m.compilers {
		c.listed = false
	}
	if m.forgets {
		m.staged = map[string]version{}
	}
}

func (m *model) enter(name string, mine bool) *job {
	m.lastID++
	j := &job{
		environment: name, queuedAt: m.clock(), mine: mine, status: codemanager.StatusNew,
		fails: m.rnd.IntN(4) == 0, sameCommit: m.rnd.IntN(100) < m.redeploys,
		takes: m.least + time.Duration(m.rnd.ExpFloat64()*float64(m.takes)),
	}
	if m.neverFails {
		j.fails = false
	}
	if mine && m.long > 0 {
		j.takes = m.long
	}
	if m.ids {
		j.id = codemanager.ID(strconv.Itoa(m.lastID))
	}
	m.queue, m.all = append(m.queue, j), append(m.all, j)
	return j
}

// work moves the entries: in the order of the queue, one deployment an environment at a time.
func (m *model) work() {
	busy := map[string]bool{}
	working := 0
	for _, j := range slices.Clone(m.queue[:min(len(m.queue), 40)]) {
		if busy[j.environment] || working >= m.workers {
			continue
		}
		busy[j.environment] = true
		working++
		switch j.lasted += tick; {
		case j.status != codemanager.StatusDeploying:
			j.status = codemanager.StatusDeploying
		case j.lasted < j.takes:
		case j.fails:
			m.failed, j.at = append(m.failed, j), m.now
			m.leave(j)
		case j.version == 0:
			m.stage(j)
			if m.lingers == 0 {
				m.leave(j)
			}
		case j.lasted >= j.takes+m.lingers:
			m.leave(j)
		}
	}
	for _, j := range m.queue {
		if j.status == codemanager.StatusNew && m.rnd.IntN(5) == 0 {
			j.status = codemanager.StatusQueued
		}
	}
}

func (m *model) leave(j *job) {
	m.queue = slices.DeleteFunc(m.queue, func(other *job) bool { return other == j })
}

func (m *model) stage(j *job) {
	m.versions++
	j.version, j.at = m.versions, m.now
	was, is := m.staged[j.environment], version{m.versions, "c" + strconv.Itoa(m.versions), m.clock().Truncate(time.Second)}
	if j.sameCommit && was.number > 0 {
		is.commit = was.commit
		if m.keeps {
			is.date = was.date
		}
	}
	m.staged[j.environment] = is
}

func (m *model) ended(j *job) bool {
	return j != nil && (j.lost || !slices.Contains(m.queue, j)) && (j.version == 0 || m.everywhere(j))
}

// everywhere reports whether every compiler that is not dead has a staging, or a later one.
func (m *model) everywhere(j *job) bool {
	for _, c := range m.compilers {
		if !c.dead && c.has[j.environment].number < j.version {
			return false
		}
	}
	return true
}

// Deploy keeps the request open, as a server and a gateway do.
func (m *model) Deploy(ctx context.Context, _ codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	m.Lock()
	m.advance()
	m.sent = m.now
	m.Unlock()
	for wait := tick; ; wait = min(wait+wait/100, time.Second) {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
		}
		m.Lock()
		list, err := m.answer()
		if list != nil || err != nil {
			m.notice()
		}
		m.Unlock()
		if list != nil || err != nil {
			return list, err
		}
	}
}

func (m *model) answer() ([]codemanager.Deployment, error) {
	m.advance()
	switch {
	case m.cut > 0 && m.since() >= m.cut:
		return nil, endings[m.cutBy]
	case m.dead:
		return nil, nil
	case m.restarted && !m.balancer && !m.survives:
		return nil, endings["reset"]
	case m.restarted && !m.survives || len(m.ours) == 0:
		return nil, nil
	}
	early := m.early > 0 && m.since() >= m.early
	var list []codemanager.Deployment
	for i, name := range m.environments {
		if name == m.gone {
			continue
		}
		j := m.ours[name]
		d := codemanager.Deployment{Environment: name, ID: j.id, Status: codemanager.StatusComplete}
		switch {
		case !m.ended(j) && !early:
			return nil, nil
		case early && i == m.leavesOut:
			continue
		case !m.ended(j):
			d.Status = codemanager.StatusQueued
		case j.fails:
			d.Status = codemanager.StatusFailed
		}
		list = append(list, d)
	}
	asked := len(m.environments)
	if m.gone != "" {
		asked--
	}
	whole := len(list) == asked || m.plan.all // nothing tells a client that a list of all is not whole
	m.answered = whole && !slices.ContainsFunc(list, func(d codemanager.Deployment) bool { return d.Status == codemanager.StatusQueued })
	if list == nil {
		list = []codemanager.Deployment{}
	}
	return list, nil
}

var errLost = errors.New("lost")
