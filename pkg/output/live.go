package output

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
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

const (
	// redraw is the interval at which a live view is redrawn, because its clocks show seconds.
	redraw = time.Second
	// showAfter is the delay before a view appears, so that a short wait does not flicker.
	showAfter = 400 * time.Millisecond
)

// Escape sequences, which every terminal since the VT100 understands.
const (
	clearLine  = "\x1b[K" // to its end
	clearBelow = "\x1b[J"
)

// Live draws lines on a terminal and redraws them in place until it is stopped. Then it erases
// them. It is safe for concurrent use.
//
// The cursor rests on the first line: typed text appears there and is overwritten, and if the terminal
// gets narrower and breaks the lines, the cursor stays with the first line. It draws from the cursor, so
// that after Ctrl-Z and fg, or after Enter, the view is drawn anew, and what stood above stays.
type Live struct {
	out  io.Writer
	size func() (width, height int)
	draw func(width, height int) []string

	mutex   sync.Mutex
	timer   *time.Timer
	drawn   bool
	stopped bool
}

// NewLive starts to show the lines that draw returns for a screen of this size. Out is the
// terminal.
func NewLive(out io.Writer, size func() (width, height int), draw func(width, height int) []string) *Live {
	l := &Live{out: out, size: size, draw: draw}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.timer = time.AfterFunc(showAfter, l.redraw)
	return l
}

func (l *Live) redraw() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if !l.stopped {
		l.write("\r" + l.frame())
		l.timer.Reset(redraw)
	}
}

// Note writes a permanent line above the live lines.
func (l *Live) Note(line string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	width, _ := l.size()
	note := Wrap(line+"\n", room(width))
	if !l.drawn {
		l.write(note)
		return
	}
	l.write("\r" + strings.ReplaceAll(note, "\n", clearLine+"\n") + l.frame())
}

// Stop ends the drawing and erases the lines. It may be called more than once. It clears from the second
// line on, because terminal multiplexers save the screen to the scrollback when all of it is cleared.
func (l *Live) Stop() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.timer.Stop()
	if l.drawn {
		l.write("\r" + clearLine + "\n" + clearBelow + "\x1b[1A\r")
	}
	l.drawn, l.stopped = false, true
}

// write writes a text in one call, so that nothing is interleaved. Text ends with a line end or a
// carriage return, because a stream that searches for secrets holds back a possible beginning of
// one.
func (l *Live) write(text string) { _, _ = io.WriteString(l.out, text) }

// frame overwrites the old lines, and returns to the first.
func (l *Live) frame() string {
	width, height := l.size()
	lines := l.draw(room(width), height)
	if len(lines) >= height && height > 1 {
		lines = lines[:height-1]
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line + clearLine + "\n")
	}
	fmt.Fprintf(&b, "%s\x1b[%dA\r", clearBelow, len(lines))
	l.drawn = true
	return b.String()
}

// room is how many columns of a line are used. The last column stays empty: after writing it, the
// cursor stays on that character, and clearing to the end of the line would erase it.
func room(width int) int { return max(width-1, 1) }

// LiveView is the View for a terminal: it draws the state in place.
type LiveView struct {
	*Live
	reason func(error) string
	state  atomic.Pointer[follow.State]
}

// NewLiveView draws on a terminal. After Stop, only its notes remain. Reason formats an error.
func NewLiveView(out io.Writer, style Style, size func() (width, height int), reason func(error) string) *LiveView {
	v, began := &LiveView{reason: reason}, time.Now()
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
	} else {
		v.Note(outage(event, v.reason))
	}
}

// outage is the line for an event that is not a state.
func outage(event follow.Event, reason func(error) string) string {
	switch {
	case event.Reachable:
		return "deploys/status answers again."
	case event.Unreachable != nil:
		return "deploys/status does not answer: " + reason(event.Unreachable) + ". Trying again."
	case errors.Is(event.Broken, follow.ErrUndecided):
		return "The server answered before the deployment ended; now following it in deploys/status."
	default:
		return "The request ended without an answer: " + reason(event.Broken) +
			". The deployment may still be running; now following it in deploys/status."
	}
}
