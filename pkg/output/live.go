package output

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/vbauerster/mpb/v8/cwriter"
)

const (
	// redraw is how often a live view is drawn anew: its clocks show seconds.
	redraw = time.Second
	// showAfter keeps what is over at once from flickering.
	showAfter = 400 * time.Millisecond
)

// Live draws lines in place on a terminal, again and again, until it is
// stopped; then they are gone. It is safe for concurrent use.
type Live struct {
	out  io.Writer
	size func() (width, height int)
	draw func(width, height int) []string

	mutex  sync.Mutex
	writer *cwriter.Writer
	// drawn are the widths of the lines on the screen, width its own then.
	drawn []int
	width int

	quit    chan struct{}
	changed chan struct{}
	stopped sync.WaitGroup
}

// NewLive starts to draw what draw gives for a screen of size. Out is the
// terminal.
func NewLive(out io.Writer, size func() (width, height int), draw func(width, height int) []string) *Live {
	l := &Live{out: out, size: size, draw: draw, writer: cwriter.New(out), quit: make(chan struct{}), changed: make(chan struct{}, 1)}
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
		}
		l.mutex.Lock()
		l.redraw()
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
	l.erase()
	width, _ := l.size()
	_, _ = io.WriteString(l.out, Wrap(line+"\n", width))
}

// Stop ends the drawing and erases the lines.
func (l *Live) Stop() {
	close(l.quit)
	l.stopped.Wait()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.erase()
}

func (l *Live) redraw() {
	width, height := l.size()
	lines := l.draw(width, height)
	if len(lines) > height && height > 1 {
		lines = lines[:height-1]
	}
	l.home(width)
	l.width, l.drawn = width, l.drawn[:0]
	for _, line := range lines {
		l.drawn = append(l.drawn, text.StringWidthWithoutEscSequences(line))
	}
	_, _ = l.writer.WriteString(strings.Join(lines, "\n") + "\n")
	_ = l.writer.Flush(len(lines))
}

func (l *Live) erase() {
	if len(l.drawn) == 0 {
		return
	}
	width, _ := l.size()
	l.home(width)
	l.drawn = l.drawn[:0]
	_ = l.writer.Flush(0)
}

// home goes to the first column, for the terminal may have echoed a ^C since;
// and up over the lines that one which became narrower has broken in two, for
// the writer counts lines as it wrote them.
func (l *Live) home(width int) {
	_, _ = io.WriteString(l.out, "\r")
	if width <= 0 || width >= l.width {
		return
	}
	extra := 0
	for _, columns := range l.drawn {
		extra += max(columns-1, 0) / width
	}
	if extra > 0 {
		_, _ = fmt.Fprintf(l.out, "\x1b[%dA", extra)
	}
}
