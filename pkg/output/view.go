package output

import (
	"io"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// View shows the progress of a wait. It owns standard error until it is stopped: every other line
// for a person goes through Note. It is safe for concurrent use.
type View interface {
	// Event shows an event of the wait.
	Event(event follow.Event)
	// Note shows a permanent line.
	Note(line string)
	// Stop ends the view; it writes nothing after that. It may be called more than once.
	Stop()
}

// LiveView is the View for a terminal: it draws the state in place.
type LiveView struct {
	live  *Live
	news  *News
	began time.Time

	mutex sync.Mutex
	state *follow.State
	stop  sync.Once
}

// NewLiveView draws on a terminal. After Stop, only its notes remain.
func NewLiveView(out io.Writer, style Style, size func() (width, height int), news *News) *LiveView {
	v := &LiveView{news: news, began: time.Now()}
	v.live = NewLive(out, size, func(width, height int) []string {
		v.mutex.Lock()
		defer v.mutex.Unlock()
		now := time.Now()
		return Frame(v.state, Screen{Width: width, Height: height, Style: style}, now.Sub(v.began), now)
	})
	return v
}

// Event shows an event of the wait.
func (v *LiveView) Event(event follow.Event) {
	if event.State == nil {
		if line := v.news.event(event); line != "" {
			v.Note(line)
		}
		return
	}
	v.mutex.Lock()
	v.state = event.State
	v.mutex.Unlock()
	v.live.Refresh()
}

// Note shows a permanent line above the view.
func (v *LiveView) Note(line string) { v.live.Note(line) }

// Stop erases the view.
func (v *LiveView) Stop() { v.stop.Do(v.live.Stop) }

// Suspend erases the view before the process is stopped.
func (v *LiveView) Suspend() { v.live.Suspend() }

// Resume redraws the view at the current cursor.
func (v *LiveView) Resume() { v.live.Resume() }
