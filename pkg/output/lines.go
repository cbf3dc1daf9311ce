package output

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const (
	// heartbeat is how long nothing happens before a line says so.
	heartbeat = 30 * time.Second
	// mostNames is how many environments a line names before it counts them.
	mostNames = 4
)

// lineView is the View for a log: a line for each change, and one now and then if there is none.
type lineView struct {
	line  func(string)
	style Style
	news  *News
	began time.Time

	mutex  sync.Mutex
	last   map[string]follow.Status
	latest *follow.State
	beat   *time.Timer
	over   bool
}

// NewLineView gives each line to line, without its end. Reasons of failures are not in them: they
// come at the end of the wait.
func NewLineView(line func(string), style Style, news *News) View {
	v := &lineView{line: line, style: style, news: news, began: time.Now(), last: map[string]follow.Status{}}
	v.beat = time.AfterFunc(heartbeat, v.stillWaiting)
	return v
}

func (v *lineView) Event(event follow.Event) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if event.State == nil {
		if line := v.news.event(event); line != "" {
			v.write(line)
		}
		return
	}
	for _, group := range v.changed(event.State) {
		v.write(v.changeLine(group, event.State))
	}
	v.latest = event.State
}

// Note writes a line that is no event.
func (v *lineView) Note(line string) { v.line(line) }

// changed are the environments with another status than at the last look, those of one status together.
func (v *lineView) changed(state *follow.State) [][]follow.Environment {
	var groups [][]follow.Environment
	place := map[follow.Status]int{}
	for _, e := range state.Environments {
		// What was over before the wait is no news.
		old := v.latest == nil && !follow.InFlight(e.Status) && e.Status != codemanager.StatusFailed && e.Began.Equal(e.Seen) && e.Evidence == ""
		if e.Status != v.last[e.Name] && e.Status != follow.Unseen && !old {
			if _, known := place[e.Status]; !known {
				place[e.Status] = len(groups)
				groups = append(groups, nil)
			}
			groups[place[e.Status]] = append(groups[place[e.Status]], e)
		}
		v.last[e.Name] = e.Status
	}
	return groups
}

// changeLine says what some environments came to.
func (v *lineView) changeLine(group []follow.Environment, state *follow.State) string {
	who, at := v.subject(group), ""
	if len(group) == 1 && group[0].Signature != "" {
		at = " at " + shorten(group[0].Signature, shortSignature)
	}
	switch status := group[0].Status; status {
	case codemanager.StatusFailed:
		return strings.TrimSuffix(strings.TrimSuffix(who, " is"), " are") + " failed"
	case follow.Syncing:
		return who + " staged" + at + ", " + strings.SplitN(compilersLine(state, v.style), ";", 2)[0]
	case codemanager.StatusComplete:
		return who + " complete" + at
	default:
		return who + " " + string(status)
	}
}

// subject names some environments, or counts them if they are many.
func (v *lineView) subject(group []follow.Environment) string {
	if len(group) > mostNames {
		return fmt.Sprintf("%d environments are", len(group))
	}
	names := make([]string, len(group))
	for i, e := range group {
		names[i] = e.Name
	}
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}

func (v *lineView) write(line string) {
	v.line(v.style.line(Clock(time.Since(v.began)) + " " + line))
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
