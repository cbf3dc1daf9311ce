package output_test

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hinshun/vt10x"
)

// emulator is a terminal with a screen. Like the driver of a real terminal, it turns a line end
// into a carriage return and a line feed.
type emulator struct {
	mutex  sync.Mutex
	screen vt10x.Terminal
	// written is every byte that was written.
	written strings.Builder
}

func newEmulator(width, height int) *emulator {
	return &emulator{screen: vt10x.New(vt10x.WithSize(width, height))}
}

func (e *emulator) Write(p []byte) (int, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.written.Write(p)
	_, err := e.screen.Write([]byte(strings.ReplaceAll(string(p), "\n", "\r\n")))
	return len(p), err
}

// echo shows typed text, or text of another program.
func (e *emulator) echo(text string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	_, _ = e.screen.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
}

// bytes returns the bytes written since the last call.
func (e *emulator) bytes() string {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	defer e.written.Reset()
	return e.written.String()
}

// text is the screen without trailing spaces and trailing empty lines.
func (e *emulator) text() string {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var lines []string
	for line := range strings.Lines(e.screen.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// size is for NewLive.
func (e *emulator) size() (width, height int) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.screen.Size()
}

// resize changes the size like most terminals: a line that is too long now is broken, and the
// cursor stays at its character.
func (e *emulator) resize(width, height int) {
	before := e.text()
	e.mutex.Lock()
	defer e.mutex.Unlock()
	cursor := e.screen.Cursor()
	var broken []string
	row := 0
	for i, line := range strings.Split(before, "\n") {
		if i == cursor.Y {
			row = len(broken)
		}
		for len(line) > width {
			broken, line = append(broken, line[:width]), line[width:]
		}
		broken = append(broken, line)
	}
	e.screen.Resize(width, height)
	_, _ = fmt.Fprintf(e.screen, "\x1b[H\x1b[2J%s\x1b[%d;1H", strings.Join(broken, "\r\n"), row+1)
}
