package output

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const (
	// heartbeat is the time without a change after which a line says that the wait continues.
	heartbeat = 30 * time.Second
	// mostNames is how many environments with the same new status get a line each; more are counted
	// in one line.
	mostNames = 4
)

// lineView is the View for a log: a line for each change, and a heartbeat between changes.
type lineView struct {
	line    func(string)
	style   Style
	outages *Outages

	mutex  sync.Mutex
	last   map[string]follow.Status
	latest *follow.State
	beat   *time.Timer
	over   bool
}

// NewLineView passes each line to line, without a line end. Reasons of failures come only at the
// end of the wait.
func NewLineView(line func(string), style Style, outages *Outages) View {
	v := &lineView{line: line, style: style, outages: outages, last: map[string]follow.Status{}}
	v.beat = time.AfterFunc(heartbeat, v.stillWaiting)
	return v
}

func (v *lineView) Event(event follow.Event) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if event.State == nil {
		if line := v.outages.line(event); line != "" {
			v.write(line)
		}
		return
	}
	for _, group := range v.changed(event.State) {
		v.write(v.changeLine(group, event.State))
	}
	v.latest = event.State
}

// Note writes a line.
func (v *lineView) Note(line string) { v.line(line) }

// changed are the environments whose status has changed since the last look: each in its own group,
// or many with the same status in one group.
func (v *lineView) changed(state *follow.State) [][]follow.Environment {
	groups := map[follow.Status][]follow.Environment{}
	var order []follow.Status
	for _, e := range state.Environments {
		// Environments that finished before the wait are not news.
		old := v.latest == nil && !follow.InFlight(e.Status) && e.Began.Equal(e.Seen) && e.Evidence == ""
		if e.Status != v.last[e.Name] && e.Status != follow.Unseen && !old {
			if groups[e.Status] == nil {
				order = append(order, e.Status)
			}
			groups[e.Status] = append(groups[e.Status], e)
		}
		v.last[e.Name] = e.Status
	}
	var list [][]follow.Environment
	for _, status := range order {
		if group := groups[status]; len(group) > mostNames {
			list = append(list, group)
		} else {
			list = slices.AppendSeq(list, slices.Chunk(group, 1))
		}
	}
	return list
}

// changeLine is the line for a new status of one or several environments.
func (v *lineView) changeLine(group []follow.Environment, state *follow.State) string {
	who, are, have, at, after := fmt.Sprintf("%d environments", len(group)), " are ", " have ", "", ""
	if e := group[0]; len(group) == 1 {
		who, are, have = e.Name, " is ", " has "
		if e.Signature != "" {
			at = " at " + v.style.change(e)
		}
		if lasted := took(e, time.Now()); lasted != "" {
			after = " after " + lasted
		}
	}
	switch status := group[0].Status; status {
	case codemanager.StatusFailed:
		return who + " failed" + after
	case Deleting:
		return who + have + "no branch"
	case follow.Lost:
		return who + are + "no longer in the queue"
	case follow.Syncing:
		inSync, _, _ := strings.Cut(compilersLine(state, v.style), ";")
		return who + are + "staged" + at + ", " + inSync
	case codemanager.StatusComplete:
		return who + are + "complete" + at + after
	default:
		return who + are + string(status)
	}
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
	if v.latest != nil {
		if counted := countStatuses(v.latest.Environments, v.style); counted != "" {
			line = "still waiting: " + counted
		}
		if len(v.latest.Compilers) > 0 {
			line += "; " + compilersLine(v.latest, v.style)
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
