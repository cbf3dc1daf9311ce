package output

import (
	"fmt"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// heartbeat is how long nothing happens before a line says so.
const heartbeat = 30 * time.Second

// lineView is the View for a log: a line for each change, and one now and then if there is none.
type lineView struct {
	line   func(string)
	reason func(error) string
	began  time.Time

	mutex  sync.Mutex
	last   map[string]follow.Status
	latest *follow.State
	beat   *time.Timer
	over   bool
}

// NewLineView gives each line to line, without its end. Reason words an error.
func NewLineView(line func(string), reason func(error) string) View {
	v := &lineView{line: line, reason: reason, began: time.Now(), last: map[string]follow.Status{}}
	v.beat = time.AfterFunc(heartbeat, v.stillWaiting)
	return v
}

func (v *lineView) Event(event follow.Event) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if note := eventNote(event, v.reason); note != "" {
		v.write(note)
		return
	}
	first := v.latest == nil
	v.latest = event.State
	for _, e := range event.State.Environments {
		// What was over before the wait is no news.
		old := first && !follow.InFlight(e.Status) && e.Status != codemanager.StatusFailed && e.Began.Equal(e.Seen) && e.Evidence == ""
		if e.Status != v.last[e.Name] && e.Status != follow.Unseen && !old {
			v.write(changeLine(e, event.State))
		}
		v.last[e.Name] = e.Status
	}
}

// Note writes a line that is no event.
func (v *lineView) Note(line string) { v.line(line) }

// changeLine says what an environment came to.
func changeLine(e follow.Environment, state *follow.State) string {
	switch e.Status {
	case codemanager.StatusFailed:
		return e.Name + " failed: " + Reason(codemanager.Deployment{Environment: e.Name, Error: e.Error})
	case follow.Syncing:
		return fmt.Sprintf("%s is staged at %s, %d of %d compilers in sync",
			e.Name, shorten(e.Signature, shortSignature), len(state.Hosts(follow.InSync)), waitedFor(state))
	case codemanager.StatusComplete:
		return e.Name + " is complete at " + shorten(e.Signature, shortSignature)
	default:
		return e.Name + " is " + string(e.Status)
	}
}

func (v *lineView) write(line string) {
	v.line(CleanLine(Clock(time.Since(v.began)) + " " + line))
	v.beat.Reset(heartbeat)
}

// stillWaiting is the heartbeat.
func (v *lineView) stillWaiting() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.over {
		return
	}
	line := "still waiting for Code Manager"
	if v.latest != nil {
		if _, counted := visible(v.latest.Environments, 0); counted != "" {
			line = "still waiting: " + counted[len("and "):]
		}
		if len(v.latest.Compilers) > 0 {
			line += "; " + compilersLine(v.latest)
		}
	}
	v.write(line)
}

func (v *lineView) Stop() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.over = true
	v.beat.Stop()
}
