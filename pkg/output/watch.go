package output

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Watcher shows a person how a deployment goes on. It is told of events from
// one goroutine, and stopped once.
type Watcher interface {
	Event(event codemanager.Event)
	// Stop ends the showing; nothing is written after it.
	Stop()
}

// heartbeat is how long nothing happens before a line says so.
const heartbeat = 30 * time.Second

// eventNote is the line for an event that is no progress, "" for one that is.
// Reason words an error.
func eventNote(event codemanager.Event, reason func(error) string) string {
	switch {
	case event.Broken != nil:
		return "The connection ended without an answer: " + reason(event.Broken) +
			". The deployment goes on, and is followed by its status."
	case event.Unreachable != nil:
		return "Its status cannot be asked: " + reason(event.Unreachable) + ". Trying again until it can."
	case event.Reachable:
		return "Its status can be asked again."
	default:
		return ""
	}
}

// liveWatcher is the Watcher for a terminal.
type liveWatcher struct {
	live   *Live
	reason func(error) string
	began  time.Time

	mutex    sync.Mutex
	progress *codemanager.Progress
}

// NewLiveWatcher shows a live view on a terminal, which leaves nothing behind
// but lines about the connection.
func NewLiveWatcher(out io.Writer, style Style, size func() (width, height int), reason func(error) string) Watcher {
	w := &liveWatcher{reason: reason, began: time.Now()}
	w.live = NewLive(out, size, func(width, height int) []string {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		now := time.Now()
		return Frame(w.progress, Screen{Width: width, Height: height, Style: style}, now.Sub(w.began), now)
	})
	return w
}

func (w *liveWatcher) Event(event codemanager.Event) {
	if note := eventNote(event, w.reason); note != "" {
		w.live.Note(CleanLine(note))
		return
	}
	w.mutex.Lock()
	w.progress = event.Progress
	w.mutex.Unlock()
	w.live.Refresh()
}

func (w *liveWatcher) Stop() { w.live.Stop() }

// plainWatcher is the Watcher for a log: a line for each change, and one now
// and then where there is none.
type plainWatcher struct {
	line   func(string)
	reason func(error) string
	began  time.Time

	mutex  sync.Mutex
	last   map[string]codemanager.Status
	latest *codemanager.Progress
	beat   *time.Timer
	over   bool
}

// NewPlainWatcher gives each line to line, without its end.
func NewPlainWatcher(line func(string), reason func(error) string) Watcher {
	w := &plainWatcher{line: line, reason: reason, began: time.Now(), last: map[string]codemanager.Status{}}
	w.beat = time.AfterFunc(heartbeat, w.stillWaiting)
	return w
}

func (w *plainWatcher) Event(event codemanager.Event) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if note := eventNote(event, w.reason); note != "" {
		w.write(note)
		return
	}
	w.latest = event.Progress
	for _, e := range event.Progress.Environments {
		if e.Status != w.last[e.Name] && e.Status != "" {
			w.last[e.Name] = e.Status
			w.write(changeLine(e, event.Progress))
		}
	}
}

// changeLine says what an environment came to.
func changeLine(e codemanager.EnvironmentProgress, p *codemanager.Progress) string {
	line := e.Name + " is " + string(e.Status)
	switch e.Status {
	case codemanager.StatusFailed:
		line = e.Name + " failed: " + FailureLine(codemanager.Deployment{Environment: e.Name, Error: e.Error})
	case codemanager.StatusSyncing:
		line = fmt.Sprintf("%s is staged at %s, %d of %d compilers in sync",
			e.Name, shorten(e.Signature, shortSignature), p.InSync, p.Compilers)
	case codemanager.StatusComplete:
		line += " at " + shorten(e.Signature, shortSignature)
	default:
	}
	return line
}

func (w *plainWatcher) write(line string) {
	w.line(CleanLine(Clock(time.Since(w.began)) + " " + line))
	w.beat.Reset(heartbeat)
}

// stillWaiting is the heartbeat.
func (w *plainWatcher) stillWaiting() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.over {
		return
	}
	line := "still waiting for Code Manager"
	if w.latest != nil {
		if _, counted := visible(w.latest.Environments, 0); counted != "" {
			line = "still waiting: " + counted[len("and "):]
		}
		if w.latest.Compilers > 0 {
			line += "; " + compilersLine(w.latest)
		}
	}
	w.write(line)
}

func (w *plainWatcher) Stop() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.over = true
	w.beat.Stop()
}
