package output_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

func progress(environments ...codemanager.EnvironmentProgress) *codemanager.Progress {
	return &codemanager.Progress{Environments: environments, Compilers: 3, InSync: 2, Lagging: []string{"c3.example.com"}}
}

func TestFrame(t *testing.T) {
	now := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	p := progress(
		codemanager.EnvironmentProgress{Name: "production", Status: codemanager.StatusDeploying, Since: at(75)},
		codemanager.EnvironmentProgress{Name: "testing", Status: codemanager.StatusSyncing, Since: at(3), Signature: sha},
		codemanager.EnvironmentProgress{Name: "nope", Status: codemanager.StatusFailed, Since: at(1), Error: &codemanager.ErrorObject{Msg: "a\nERROR\t -> it\x1b broke"}},
		codemanager.EnvironmentProgress{Name: "later"},
	)
	const want = `
Waiting for Code Manager, 1:20
  production  deploying    1:15
  testing     syncing      0:03  482f8d3adc
  nope        failed       0:01  it\x1b broke
  later
2 of 3 compilers in sync; behind: c3.example.com`
	got := strings.Join(output.Frame(p, output.Screen{Width: 80, Height: 24}, 80*time.Second, now), "\n")
	if got != want[1:] {
		t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
	}
	if got := output.Frame(nil, output.Screen{Width: 80, Height: 24}, time.Hour+time.Second, now); len(got) != 1 || got[0] != "Waiting for Code Manager, 1:00:01" {
		t.Errorf("before anything is known: %q", got)
	}
}

func TestFramesFitTheScreen(t *testing.T) {
	statuses := []codemanager.Status{"", codemanager.StatusNew, codemanager.StatusQueued, codemanager.StatusQueued, codemanager.StatusComplete}
	var list []codemanager.EnvironmentProgress
	for i := range 300 {
		e := codemanager.EnvironmentProgress{Name: fmt.Sprintf("feature_%d_%s", i, strings.Repeat("x", i%60)), Status: statuses[i%len(statuses)]}
		switch i {
		case 150:
			e.Status, e.Error = codemanager.StatusFailed, &codemanager.ErrorObject{Msg: strings.Repeat("long ", 50)}
		case 250:
			e.Status = codemanager.StatusDeploying
		}
		list = append(list, e)
	}
	for _, screen := range []output.Screen{{Width: 80, Height: 24}, {Width: 40, Height: 10}, {Width: 200, Height: 60}, {Width: 80, Height: 24, Style: output.Style{Color: true}}} {
		lines := output.Frame(progress(list...), screen, 0, time.Time{})
		if len(lines) >= screen.Height {
			t.Errorf("%+v: %d lines", screen, len(lines))
		}
		text := strings.Join(lines, "\n")
		if !strings.Contains(text, "feature_150") || !strings.Contains(text, "feature_250") {
			t.Errorf("%+v: what is active is not shown:\n%s", screen, text)
		}
		if !strings.Contains(text, " queued, ") || screen.Width >= 80 && !strings.Contains(text, "60 complete") {
			t.Errorf("%+v: the rest is not counted:\n%s", screen, text)
		}
		for _, line := range lines {
			if !screen.Style.Color && len([]rune(line)) > screen.Width {
				t.Errorf("%+v: %d columns: %s", screen, len([]rune(line)), line)
			}
		}
	}
}

func TestPlainWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		w := output.NewPlainWatcher(func(line string) { said = append(said, line) }, func(err error) string { return err.Error() })
		step := func(after time.Duration, event codemanager.Event) {
			time.Sleep(after)
			synctest.Wait()
			w.Event(event)
		}
		p := func(status codemanager.Status, signature string) codemanager.Event {
			return codemanager.Event{Progress: progress(codemanager.EnvironmentProgress{Name: "production", Status: status, Signature: signature})}
		}
		step(time.Second, p(codemanager.StatusQueued, ""))
		step(time.Second, p(codemanager.StatusQueued, ""))
		step(40*time.Second, p(codemanager.StatusDeploying, ""))
		step(time.Second, codemanager.Event{Broken: errors.New("EOF\nx")})
		step(time.Second, codemanager.Event{Unreachable: errors.New("refused")})
		step(time.Second, codemanager.Event{Reachable: true})
		step(time.Second, p(codemanager.StatusSyncing, sha))
		step(time.Second, p(codemanager.StatusComplete, sha))
		w.Stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{
			"0:01 production is queued",
			"0:31 still waiting: 1 queued; 2 of 3 compilers in sync; behind: c3.example.com",
			"0:42 production is deploying",
			"0:43 The connection ended without an answer: EOF x. The deployment goes on, and is followed by its status.",
			"0:44 Its status cannot be asked: refused. Trying again until it can.",
			"0:45 Its status can be asked again.",
			"0:46 production is staged at 482f8d3adc, 2 of 3 compilers in sync",
			"0:47 production is complete at 482f8d3adc",
		}
		if !slices.Equal(said, want) {
			t.Errorf("said:\n%s\nwant:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
		}
	})
}

// screen plays what a program wrote on a terminal, as far as a live view goes:
// carriage return, line feed, cursor up, erase below.
func screen(text string) string {
	var rows [][]rune
	row, column := 0, 0
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		for len(rows) <= row {
			rows = append(rows, nil)
		}
		switch r := runes[i]; r {
		case '\r':
			column = 0
		case '\n':
			row, column = row+1, 0
		case '\x1b':
			n := 0
			for i += 2; runes[i] >= '0' && runes[i] <= '9'; i++ {
				n = 10*n + int(runes[i]-'0')
			}
			switch runes[i] {
			case 'A':
				row = max(row-n, 0)
			case 'J':
				rows = rows[:row+1]
				rows[row] = rows[row][:min(column, len(rows[row]))]
			}
		default:
			for len(rows[row]) <= column {
				rows[row] = append(rows[row], ' ')
			}
			rows[row][column] = r
			column++
		}
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.TrimRight(string(r), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestLiveViewsLeaveOnlyNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		var lines atomic.Value
		lines.Store([]string{"one", "two", "three"})
		live := output.NewLive(&terminal, func() (int, int) { return 12, 24 }, func(int, int) []string { return lines.Load().([]string) })
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if got := screen(terminal.String()); got != "one\ntwo\nthree" {
			t.Errorf("drawn: %q", got)
		}
		live.Note("a note of words")
		lines.Store([]string{"ONE"})
		time.Sleep(time.Second)
		synctest.Wait()
		if got := screen(terminal.String()); got != "a note of\n  words\nONE" {
			t.Errorf("drawn after a note: %q", got)
		}
		terminal.WriteString("^C") // as a terminal echoes it
		live.Stop()
		if got := screen(terminal.String()); got != "a note of\n  words" {
			t.Errorf("left behind: %q", got)
		}
	})
}

// What is new is drawn when it is said, not at the next tick of the clock; but
// not before it is time to show anything.
func TestLiveViewsShowWhatIsNewAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		var line atomic.Value
		var drawn atomic.Int32
		line.Store("old")
		live := output.NewLive(&terminal, func() (int, int) { return 80, 24 }, func(int, int) []string {
			drawn.Add(1)
			return []string{line.Load().(string)}
		})
		live.Refresh()
		synctest.Wait()
		if drawn.Load() > 0 {
			t.Error("drawn at once")
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		line.Store("new")
		live.Refresh()
		synctest.Wait()
		if got := screen(terminal.String()); got != "new" {
			t.Errorf("drawn: %q", got)
		}
		live.Stop()
	})
}

func TestLiveViewsOfWhatIsOverAtOnceAreNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		live := output.NewLive(&terminal, func() (int, int) { return 80, 24 }, func(int, int) []string { return []string{"x"} })
		time.Sleep(300 * time.Millisecond)
		live.Stop()
		if terminal.Len() > 0 {
			t.Errorf("drawn: %q", terminal.String())
		}
	})
}

func TestLiveViewsSurviveANarrowerTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		var width atomic.Int32
		width.Store(40)
		live := output.NewLive(&terminal, func() (int, int) { return int(width.Load()), 24 }, func(width, _ int) []string {
			return []string{strings.Repeat("x", width)}
		})
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		// The terminal breaks the line of 40 columns in two of 20.
		terminal.Reset()
		terminal.WriteString(strings.Repeat("x", 20) + "\n" + strings.Repeat("x", 20) + "\n")
		width.Store(20)
		live.Stop()
		if got := screen(terminal.String()); got != "" {
			t.Errorf("left behind: %q", got)
		}
	})
}
