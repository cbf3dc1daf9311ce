package output

import (
	"io"
	"sync/atomic"
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
	*Live
	news  *News
	state atomic.Pointer[follow.State]
}

// NewLiveView draws on a terminal. After Stop, only its notes remain.
func NewLiveView(out io.Writer, style Style, size func() (width, height int), news *News) *LiveView {
	v, began := &LiveView{news: news}, time.Now()
	v.Live = NewLive(out, size, func(width, height int) []string {
		now := time.Now()
		style.Width = width
		return Frame(v.state.Load(), style, height, now.Sub(began), now)
	})
	return v
}

// Event shows an event of the wait.
func (v *LiveView) Event(event follow.Event) {
	if event.State != nil {
		v.state.Store(event.State)
		v.Refresh()
	} else if line := v.news.event(event); line != "" {
		v.Note(line)
	}
}
