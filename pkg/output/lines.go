package output

import (
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const (
	// heartbeat is the time without a change after which a line says that the wait continues.
	heartbeat = 30 * time.Second
	// mostChanges is how many environments with a new status get a line each; if there are more, a line
	// counts all.
	mostChanges = 4
)

// lineView is the View for a log: a line for each change, and a heartbeat between changes.
type lineView struct {
	line   func(string)
	style  Style
	reason func(error) string

	mutex  sync.Mutex
	last   map[string]follow.Status
	latest *follow.State
	beat   *time.Timer
	over   bool
}

// NewLineView passes each line to line, without a line end. Reasons of failures come only at the
// end of the wait. Reason formats the error of an outage.
func NewLineView(line func(string), style Style, reason func(error) string) View {
	v := &lineView{line: line, style: style, reason: reason, last: map[string]follow.Status{}}
	v.beat = time.AfterFunc(heartbeat, v.stillWaiting)
	return v
}

func (v *lineView) Event(event follow.Event) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if event.State == nil {
		v.write(outage(event, v.reason))
		return
	}
	changed := v.changed(event.State)
	v.latest = event.State
	if len(changed) > mostChanges {
		v.write(v.counts())
		return
	}
	for _, e := range changed {
		v.write(v.changeLine(e))
	}
}

// Note writes a line.
func (v *lineView) Note(line string) { v.line(line) }

// changed are the environments whose status has changed since the last look.
func (v *lineView) changed(state *follow.State) []follow.Environment {
	var list []follow.Environment
	for _, e := range state.Environments {
		// Environments that finished before the wait are not news.
		old := v.latest == nil && !follow.InFlight(e.Status) && e.Began.Equal(e.Seen) && e.Evidence == ""
		if e.Status != v.last[e.Name] && e.Status != follow.Unseen && !old {
			list = append(list, e)
		}
		v.last[e.Name] = e.Status
	}
	return list
}

// changeLine is the line for a new status of an environment.
func (v *lineView) changeLine(e follow.Environment) string {
	at, after := "", ""
	if e.Signature != "" {
		at = " at " + v.style.change(e)
	}
	if lasted := took(e, time.Now()); lasted != "" {
		after = " after " + lasted
	}
	switch e.Status {
	case codemanager.StatusFailed:
		return e.Name + " failed" + after
	case Deleting:
		return e.Name + " has no branch"
	case follow.Lost:
		return e.Name + " is no longer in the queue"
	case follow.Syncing:
		inSync, _, _ := strings.Cut(compilersLine(v.latest, v.style), ";")
		return e.Name + " is staged" + at + ", " + inSync
	case codemanager.StatusComplete:
		return e.Name + " is complete" + at + after
	default:
		return e.Name + " is " + string(e.Status)
	}
}

// counts is the latest state in numbers.
func (v *lineView) counts() string {
	line := countStatuses(v.latest.Environments, v.style)
	if len(v.latest.Compilers) > 0 {
		line += "; " + compilersLine(v.latest, v.style)
	}
	return line
}

func (v *lineView) write(line string) {
	line = v.style.line(line)
	if v.style.Width == 0 {
		line = time.Now().Format(time.DateTime) + " " + line
	}
	v.line(line)
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
	if v.latest != nil && len(v.latest.Environments) > 0 {
		line = "still waiting: " + v.counts()
	}
	v.write(line)
}

func (v *lineView) Stop() {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.over = true
	v.beat.Stop()
}
