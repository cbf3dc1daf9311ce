package output

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// redraw is how often a live view is drawn anew: its clocks show seconds.
	redraw = time.Second
	// showAfter keeps a wait that ends at once from flickering.
	showAfter = 400 * time.Millisecond
)

// Escape sequences, which every terminal since the VT100 understands.
const (
	saveCursor    = "\x1b7"
	restoreCursor = "\x1b8"
	clearLine     = "\x1b[K" // to its end
	clearBelow    = "\x1b[J"
)

// Live draws lines in place on a terminal, again and again, until it is stopped; then they are gone.
// It is safe for concurrent use.
//
// The cursor rests on the first line, and its place is saved. So typed text lands there and is
// overwritten, a typed line end moves the cursor and does no harm, and a terminal that becomes
// narrower and breaks the lines takes the cursor along with the first.
type Live struct {
	out  io.Writer
	size func() (width, height int)
	draw func(width, height int) []string

	mutex sync.Mutex
	// drawn is true while there are lines, for a screen of width and height.
	drawn         bool
	width, height int
	// suspended is true from Suspend to Resume: nothing is drawn.
	suspended bool

	quit    chan struct{}
	changed chan struct{}
	stopped sync.WaitGroup
}

// NewLive starts to draw what draw returns for a screen of size. Out is the terminal.
func NewLive(out io.Writer, size func() (width, height int), draw func(width, height int) []string) *Live {
	l := &Live{out: out, size: size, draw: draw, quit: make(chan struct{}), changed: make(chan struct{}, 1)}
	l.stopped.Go(l.loop)
	return l
}

func (l *Live) loop() {
	wait := time.NewTimer(showAfter)
	defer wait.Stop()
	var changed chan struct{} // nil until it is time to show anything
	for {
		select {
		case <-l.quit:
			return
		case <-changed:
		case <-wait.C:
			changed = l.changed
			select {
			case <-changed: // it is drawn now
			default:
			}
		}
		l.mutex.Lock()
		if !l.suspended {
			l.write(l.home() + l.frame())
		}
		l.mutex.Unlock()
		wait.Reset(redraw)
	}
}

// Refresh says that there is something new to draw.
func (l *Live) Refresh() {
	select {
	case l.changed <- struct{}{}:
	default: // it is said already
	}
}

// Note writes a line that stays, above the ones that are drawn in place.
func (l *Live) Note(line string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	width, _ := l.size()
	note := Wrap(line+"\n", room(width))
	if !l.drawn || l.suspended {
		l.write(note)
		return
	}
	l.write(l.home() + strings.ReplaceAll(note, "\n", clearLine+"\n") + l.frame())
}

// Suspend erases the lines before the process is stopped.
func (l *Live) Suspend() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.write(l.erase())
	l.suspended = true
}

// Resume draws anew where the cursor is now: others have used the terminal.
func (l *Live) Resume() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.drawn, l.suspended = false, false
	l.Refresh()
}

// Stop ends the drawing and erases the lines.
func (l *Live) Stop() {
	close(l.quit)
	l.stopped.Wait()
	l.Suspend()
}

// write writes at once, so that nothing of others comes between. Text ends with a line end or a
// carriage return: a stream that looks for a secret holds back letters with which that may begin.
func (l *Live) write(text string) {
	if text != "" {
		_, _ = io.WriteString(l.out, text)
	}
}

// frame writes the lines over old ones, and returns to the first.
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
	fmt.Fprintf(&b, "%s\x1b[%dA%s\r", clearBelow, len(lines), saveCursor)
	l.drawn, l.width, l.height = true, width, height
	return b.String()
}

// room is how many columns are used of a line. In the last one a terminal waits with the cursor on the
// character that it has written, and would clear that.
func room(width int) int {
	if width <= 1 {
		return width
	}
	return width - 1
}

// home goes to the first line. A terminal that changed its size has moved the lines, and the cursor
// with them, away from the place that was saved.
func (l *Live) home() string {
	width, height := l.size()
	if !l.drawn || width != l.width || height != l.height {
		return "\r"
	}
	return restoreCursor + "\r"
}

// erase leaves an empty first line. It clears from the second line on, for a terminal multiplexer that
// is told to clear the whole screen puts it into its scrollback.
func (l *Live) erase() string {
	if !l.drawn {
		return ""
	}
	text := l.home() + clearLine + "\n" + clearBelow + "\x1b[1A\r"
	l.drawn = false
	return text
}
