package output

import (
	"io"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// View shows a person how a wait goes on. It owns standard error until it is stopped: every other
// line for a person goes through Note. It is safe for concurrent use.
type View interface {
	// Event takes news of the wait.
	Event(event follow.Event)
	// Note shows a line that stays.
	Note(line string)
	// Stop ends the view; it writes nothing after that. It may be called more than once.
	Stop()
}

// eventNote is the line for an event that is not a state, "" for one that is.
func eventNote(event follow.Event, reason func(error) string) string {
	switch {
	case event.Broken != nil:
		return "The request ended without an answer: " + reason(event.Broken) +
			". The deployment may still be running; its status is asked from now on."
	case event.Unreachable != nil:
		return "The status of deployments cannot be asked: " + reason(event.Unreachable) + ". Trying again until it can."
	case event.Reachable:
		return "The status of deployments can be asked again."
	default:
		return ""
	}
}

// liveView is the View for a terminal: it draws the state in place.
type liveView struct {
	live   *Live
	reason func(error) string
	began  time.Time

	mutex sync.Mutex
	state *follow.State
	stop  sync.Once
}

// NewLiveView draws on a terminal, and leaves nothing behind but notes. Reason words an error.
func NewLiveView(out io.Writer, style Style, size func() (width, height int), reason func(error) string) View {
	v := &liveView{reason: reason, began: time.Now()}
	v.live = NewLive(out, size, func(width, height int) []string {
		v.mutex.Lock()
		defer v.mutex.Unlock()
		now := time.Now()
		return Frame(v.state, Screen{Width: width, Height: height, Style: style}, now.Sub(v.began), now)
	})
	return v
}

func (v *liveView) Event(event follow.Event) {
	if note := eventNote(event, v.reason); note != "" {
		v.Note(note)
		return
	}
	v.mutex.Lock()
	v.state = event.State
	v.mutex.Unlock()
	v.live.Refresh()
}

func (v *liveView) Note(line string) { v.live.Note(line) }

func (v *liveView) Stop() { v.stop.Do(v.live.Stop) }

// Suspend erases the view before the process is stopped, Resume draws it anew.
func (v *liveView) Suspend() { v.live.Suspend() }

// Resume draws the view anew.
func (v *liveView) Resume() { v.live.Resume() }
