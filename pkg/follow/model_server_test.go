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

// model is a Code Manager with compilers, a gateway and other users. It knows the truth, and
// advances with each request. It leaves out the cases that deploys/status cannot distinguish;
// docs/inside/following.md lists them.
type model struct {
	sync.Mutex
	plan

	rnd   *rand.Rand
	now   time.Time
	queue []*job
	// failed are the failures that the server remembers.
	failed []*job
	staged map[string]version
	// versions counts all stagings: a date can be kept, a version not.
	versions, lastID int
	compilers        []*compiler
	// ours are the jobs of the request by environment.
	ours map[string]*job
	// sent is when the request came, zero before; restarted is true after the restart.
	sent      time.Time
	restarted bool
	// failedLooks counts failed looks since the request. seenAfterCut is true if the first look after
	// the request had ended showed all jobs of the request in the queue, cutAt when it ended.
	failedLooks  int
	cutAt        time.Time
	lookedSince  bool
	seenAfterCut bool
}

// plan is the random sequence of events. Times count from the request.
type plan struct {
	environments []string
	all          bool
	workers      int
	ids, dates   bool
	// keeps is a server that keeps the date if the commit is the same; lingers is how long an entry
	// stays in the queue after it was staged.
	keeps   bool
	lingers time.Duration
	// listing is the time before the server queues anything; undelivered says that it never does.
	listing     time.Duration
	undelivered bool
	cut         time.Duration
	cutBy       string
	firstFails  bool
	lostLooks   float64
	restart     time.Duration
	restartFor  time.Duration
	balancer    bool
	forgets     bool
	skew        time.Duration
	// set is when the server's clock is set, after the request, and setBy how far.
	set, setBy time.Duration
	others     float64
}

// job is one entry of the queue.
type job struct {
	environment   string
	queuedAt      codemanager.Timestamp
	id            codemanager.ID
	mine          bool
	fails         bool
	sameCommit    bool
	takes, lasted time.Duration
	status        codemanager.Status
	// seen is true once a look has shown it; version is its staging, 0 before.
	seen    bool
	version int
	lost    bool
}

type version struct {
	number int
	commit string
	date   codemanager.Timestamp
}

type compiler struct {
	host      string
	interval  time.Duration
	skew      time.Duration
	next      time.Time
	dead      bool
	checkIn   *codemanager.Timestamp
	has       map[string]version
	had       map[string]int // the latest version of each environment, even if it was forgotten
	listed    bool           // by the server
	everShown bool           // by a look
}

func (m *model) clock() time.Time { return m.now.Add(m.skew) }

// advance lets time pass up to now.
func (m *model) advance() {
	for now := time.Now(); m.now.Before(now); {
		m.now = m.now.Add(tick)
		m.step()
	}
}

func (m *model) away() bool {
	since := m.now.Sub(m.sent)
	return !m.sent.IsZero() && m.restart > 0 && since >= m.restart && since < m.restart+m.restartFor
}

func (m *model) step() {
	if m.set > 0 && !m.sent.IsZero() && m.now.Sub(m.sent) >= m.set {
		m.skew, m.set = m.skew+m.setBy, 0
	}
	if m.away() {
		m.stop()
		return
	}
	if !m.sent.IsZero() && len(m.ours) == 0 && !m.undelivered && !m.restarted && m.now.Sub(m.sent) >= m.listing {
		for _, name := range m.environments {
			m.ours[name] = m.enter(name, true)
		}
	}
	if m.rnd.Float64() < m.others {
		m.intrude(m.environments[m.rnd.IntN(len(m.environments))])
	}
	m.work()
	for _, c := range m.compilers {
		if !c.dead && !m.now.Before(c.next) {
			c.next = m.now.Add(c.interval)
			at := codemanager.NewTimestamp(m.clock().Add(c.skew))
			c.checkIn, c.listed = &at, true
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
		environment: name, queuedAt: codemanager.NewTimestamp(m.clock()), mine: mine, status: codemanager.StatusNew,
		fails: m.rnd.IntN(4) == 0, sameCommit: m.rnd.IntN(2) == 0,
		takes: time.Duration(m.rnd.ExpFloat64() * float64(4*time.Second)),
	}
	if m.ids {
		j.id = codemanager.ID(strconv.Itoa(m.lastID))
	}
	m.queue = append(m.queue, j)
	return j
}

// intrude deploys one of our environments as another user. Not between our first look and the first
// look that shows ours, because then their entry cannot be distinguished from ours.
func (m *model) intrude(name string) {
	ours := m.ours[name]
	if m.sent.IsZero() || ours != nil && ours.seen {
		m.enter(name, false)
	}
}

// work moves the entries: in the order of the queue, one deployment an environment at a time.
func (m *model) work() {
	busy := map[string]bool{}
	working := 0
	for _, j := range slices.Clone(m.queue) {
		if busy[j.environment] || working >= m.workers {
			continue
		}
		busy[j.environment] = true
		working++
		ours := m.ours[j.environment]
		if m.restarted && !j.mine && !j.seen && ours != nil && ours.version == 0 {
			continue // else it could be staged unseen, after the server has forgotten ours
		}
		switch j.lasted += tick; {
		case j.status != codemanager.StatusDeploying:
			j.status = codemanager.StatusDeploying
		case j.lasted < j.takes:
		case j.fails:
			m.failed = append(m.failed, j)
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
	j.version = m.versions
	was, is := m.staged[j.environment], version{m.versions, "c" + strconv.Itoa(m.versions), codemanager.NewTimestamp(m.clock().Truncate(time.Second))}
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
	for {
		select {
		case <-time.After(tick):
		case <-ctx.Done():
			return nil, &codemanager.ConnectionError{Sent: true, Err: context.Cause(ctx)}
		}
		m.Lock()
		list, err := m.answer()
		if err != nil {
			m.cutAt = time.Now()
		}
		m.Unlock()
		if list != nil || err != nil {
			return list, err
		}
	}
}

func (m *model) answer() ([]codemanager.Deployment, error) {
	m.advance()
	switch since := m.now.Sub(m.sent); {
	case m.cut > 0 && since >= m.cut:
		return nil, endings[m.cutBy]
	case m.restarted && !m.balancer:
		return nil, endings["reset"]
	case m.restarted || len(m.ours) == 0:
		return nil, nil
	}
	var list []codemanager.Deployment
	for _, name := range m.environments {
		j := m.ours[name]
		d := codemanager.Deployment{Environment: name, ID: j.id, Status: codemanager.StatusComplete}
		switch {
		case !m.ended(j):
			return nil, nil
		case j.fails:
			d.Status = codemanager.StatusFailed
		}
		list = append(list, d)
	}
	return list, nil
}

var errLost = errors.New("lost")
