package output_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// drawing is a live view on an emulator.
type drawing struct {
	*output.Live
	terminal *emulator
	lines    atomic.Value
	count    atomic.Int32
}

// draws runs a test of a live view that was drawn once.
func draws(t *testing.T, width, height int, lines []string, test func(*testing.T, *drawing)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &drawing{terminal: newEmulator(width, height)}
		d.terminal.echo("$ puppet-code\n")
		d.lines.Store(lines)
		d.Live = output.NewLive(d.terminal, d.terminal.size, func(int, int) []string {
			d.count.Add(1)
			return d.lines.Load().([]string)
		})
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		test(t, d)
	})
}

// next waits for the next drawing.
func (d *drawing) next() {
	time.Sleep(time.Second)
	synctest.Wait()
}

func (d *drawing) demand(t *testing.T, when string, lines ...string) {
	t.Helper()
	if got, want := d.terminal.text(), strings.Join(lines, "\n"); got != want {
		t.Errorf("%s the screen shows:\n%s\nwant:\n%s", when, got, want)
	}
}

func TestLiveViewsLeaveOnlyNotes(t *testing.T) {
	draws(t, 14, 24, []string{"one", "two", "three"}, func(t *testing.T, d *drawing) {
		d.demand(t, "at first", "$ puppet-code", "one", "two", "three")
		d.Note("a note of words")
		d.demand(t, "after a note", "$ puppet-code", "a note of", "  words", "one", "two", "three")
		d.lines.Store([]string{"ONE"})
		d.next()
		d.demand(t, "with fewer lines", "$ puppet-code", "a note of", "  words", "ONE")
		d.terminal.echo("^C")
		d.Stop()
		d.demand(t, "at the end", "$ puppet-code", "a note of", "  words")
		d.terminal.echo("result")
		d.demand(t, "after the end", "$ puppet-code", "a note of", "  words", "result")
	})
}

func TestLiveViewsOfShortWaitsAreNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terminal := newEmulator(80, 24)
		live := output.NewLive(terminal, terminal.size, func(int, int) []string { return []string{"x"} })
		time.Sleep(300 * time.Millisecond)
		live.Stop()
		if got := terminal.bytes(); got != "" {
			t.Errorf("drawn: %q", got)
		}
	})
}

// frameOf are the bytes of lines that are drawn from where the cursor is.
func frameOf(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	return b.String() + fmt.Sprintf("\x1b[J\x1b[%dA\r", len(lines))
}

// wrote checks the bytes written since the last call.
func (d *drawing) wrote(t *testing.T, when, want string) {
	t.Helper()
	if got := d.terminal.bytes(); got != want {
		t.Errorf("%s it wrote:\n%q\nwant:\n%q", when, got, want)
	}
}

// erased is what leaves nothing of a live view.
const erased = "\r\x1b[K\n\x1b[J\x1b[1A\r"

// A terminal of 40 columns becomes one of 20, which breaks each line in two, and wide again.
func TestLiveViewsSurviveAResize(t *testing.T) {
	wide := []string{strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("c", 40)}
	draws(t, 40, 10, wide, func(t *testing.T, d *drawing) {
		d.wrote(t, "at first", "\r"+frameOf(wide...))
		d.terminal.resize(20, 10)
		d.lines.Store([]string{"aa", "bb", "cc"})
		d.next()
		d.demand(t, "narrower", "$ puppet-code", "aa", "bb", "cc")
		d.wrote(t, "narrower", "\r"+frameOf("aa", "bb", "cc"))
		d.next()
		d.wrote(t, "narrower, a second later", "\r"+frameOf("aa", "bb", "cc"))
		d.terminal.resize(60, 5)
		d.lines.Store(wide)
		d.next()
		d.demand(t, "wider and lower", append([]string{"$ puppet-code"}, wide...)...)
		d.wrote(t, "wider and lower", "\r"+frameOf(wide...))
		d.terminal.resize(20, 10)
		d.Stop()
		d.demand(t, "at the end", "$ puppet-code")
		d.wrote(t, "at the end", erased)
	})
}

// On a screen that is too low for its lines, a view shows the first, and scrolls nothing away.
func TestLiveViewsFitALowScreen(t *testing.T) {
	draws(t, 80, 4, []string{"one", "two", "three", "four", "five"}, func(t *testing.T, d *drawing) {
		d.demand(t, "at first", "one", "two", "three")
		d.next()
		d.demand(t, "a second later", "one", "two", "three")
		d.wrote(t, "both times", "\r"+frameOf("one", "two", "three")+"\r"+frameOf("one", "two", "three"))
		d.Stop()
		d.demand(t, "at the end", "")
	})
}

// estate are 300 environments in the middle of a deployment, at a time.
func estate(now time.Time) *follow.State {
	at := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	var list []follow.Environment
	for i := range 300 {
		e := follow.Environment{Name: fmt.Sprintf("feature_%03d", i), Status: codemanager.StatusQueued, Began: at(90), Seen: at(80)}
		switch {
		case i < 32:
			e.Status, e.Signature = codemanager.StatusComplete, sha
		case i < 36:
			e.Status = codemanager.StatusDeploying
		case i < 40:
			e.Status, e.Signature, e.Seen = follow.Syncing, sha, at(5)
		case i%100 == 99:
			e.Status, e.Error = codemanager.StatusFailed, &codemanager.ErrorObject{
				Msg: "ERROR\t -> Failed to evaluate /e/Puppetfile\nOriginal exception:\n/e/Puppetfile:7: syntax error, unexpected =>, expecting end-of-input\n",
			}
		}
		list = append(list, e)
	}
	return progress(list...)
}

// The exact frame of 300 environments: failures come first, finished environments have their
// duration, and environments that do not fit are counted.
func TestFrameOf300Environments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		terminal := newEmulator(80, 24)
		view := output.NewLiveView(terminal, output.Style{Width: 80}, terminal.size, error.Error)
		view.Event(follow.Event{State: estate(time.Now())})
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		want, err := os.ReadFile(filepath.Join("testdata", "frames", "300.txt"))
		if err != nil {
			t.Fatal(err)
		}
		if got := terminal.text() + "\n"; got != string(want) {
			t.Errorf("the screen shows:\n%s", got)
		}
		lines := strings.Count(string(want), "\n")
		frame := strings.ReplaceAll(string(want), "\n", "\x1b[K\n") + fmt.Sprintf("\x1b[J\x1b[%dA\r", lines)
		if got := terminal.bytes(); got != "\r"+frame {
			t.Errorf("it wrote:\n%q\nwant:\n%q", got, "\r"+frame)
		}
		terminal.resize(60, 12)
		time.Sleep(time.Second)
		synctest.Wait()
		small := strings.Split(terminal.text(), "\n")
		if len(small) > 11 || small[0] != "Waiting for Code Manager, 1.4s, 35 of 300 done, 3 failed" || !strings.HasPrefix(small[1], "  feature_099  failed") {
			t.Errorf("on a smaller screen it shows:\n%s", strings.Join(small, "\n"))
		}
		view.Stop()
		if got := terminal.text(); got != "" {
			t.Errorf("it left:\n%s", got)
		}
	})
}
