package output_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

func progress(environments ...follow.Environment) *follow.State {
	return &follow.State{Environments: environments, Compilers: []follow.Compiler{
		{Host: "c1.example.com"}, {Host: "c2.example.com"}, {Host: "c3.example.com", Standing: follow.Behind},
	}}
}

func TestFrame(t *testing.T) {
	now := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	p := progress(
		follow.Environment{Name: "production", Status: codemanager.StatusDeploying, Seen: at(75)},
		follow.Environment{Name: "testing", Status: follow.Syncing, Seen: at(3), Signature: sha, Before: shaBefore, BeforeKnown: true},
		follow.Environment{Name: "same", Status: codemanager.StatusComplete, Began: at(9), Seen: at(3), Signature: sha, Before: sha, BeforeKnown: true},
		follow.Environment{Name: "first", Status: codemanager.StatusComplete, Began: at(9), Seen: at(2), Signature: sha, BeforeKnown: true},
		follow.Environment{Name: "nope", Status: codemanager.StatusFailed, Began: at(41), Seen: at(1), Error: &codemanager.ErrorObject{Msg: "a\nERROR\t -> it\x1b broke"}},
		follow.Environment{Name: "later"},
	)
	const want = `
Waiting for Code Manager, 1m20s, 3 of 6 done, 1 failed
  production  deploying   1m15s
  testing     syncing      3.0s  25ba88a1f2 -> 482f8d3adc
  same        complete     6.0s  482f8d3adc (unchanged)
  first       complete     7.0s  482f8d3adc (new)
  nope        failed        40s  it\x1b broke
  later
2 of 3 compilers in sync; behind: c3.example.com`
	got := strings.Join(output.Frame(p, output.Style{Width: 80}, 24, 80*time.Second, now), "\n")
	if got != want[1:] {
		t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
	}
	if got := output.Frame(nil, output.Style{Width: 80}, 24, time.Hour+time.Second, now); len(got) != 1 || got[0] != "Reading the state of Code Manager, 1h0m1s" {
		t.Errorf("before anything is known: %q", got)
	}
}

// at is the beginning of a line, in seconds after the beginning of a synctest bubble.
func at(seconds int) string {
	return time.Date(2000, 1, 1, 0, 0, seconds, 0, time.UTC).Local().Format(time.DateTime) + " "
}

func TestLineView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		w := output.NewLineView(func(line string) { said = append(said, line) }, output.Style{}, error.Error)
		step := func(after time.Duration, event follow.Event) {
			time.Sleep(after)
			synctest.Wait()
			w.Event(event)
		}
		began := time.Now()
		p := func(status codemanager.Status, signature string) follow.Event {
			return follow.Event{State: progress(follow.Environment{Name: "production", Status: status, Signature: signature, Began: began, Seen: time.Now(), Before: shaBefore, BeforeKnown: true})}
		}
		step(time.Second, p(codemanager.StatusQueued, ""))
		step(time.Second, p(codemanager.StatusQueued, ""))
		step(40*time.Second, p(codemanager.StatusDeploying, ""))
		step(time.Second, follow.Event{Broken: errors.New("EOF\nx")})
		step(time.Second, follow.Event{Unreachable: errors.New("refused")})
		step(time.Second, follow.Event{Reachable: true})
		step(time.Second, p(follow.Syncing, sha))
		step(time.Second, p(codemanager.StatusComplete, sha))
		w.Stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		want := []string{
			at(1) + "production is queued",
			at(31) + "still waiting: 1 queued; 2 of 3 compilers in sync; behind: c3.example.com",
			at(42) + "production is deploying",
			at(43) + "The request ended without an answer: EOF x. The deployment may still be running; now following it in deploys/status.",
			at(44) + "deploys/status does not answer: refused. Trying again.",
			at(45) + "deploys/status answers again.",
			at(46) + "production is staged at 25ba88a1f2 -> 482f8d3adc, 2 of 3 compilers in sync",
			at(47) + "production is complete at 25ba88a1f2 -> 482f8d3adc after 46s",
		}
		if !slices.Equal(said, want) {
			t.Errorf("said:\n%s\nwant:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
		}
	})
}

// Many changes at once get one line. The reason of a failure comes only at
// the end of the wait.
func TestManyChangesAreOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []string
		w := output.NewLineView(func(line string) { said = append(said, line) }, output.Style{}, error.Error)
		environments := make([]follow.Environment, 62)
		for i := range environments {
			environments[i] = follow.Environment{Name: fmt.Sprint("e", i), Status: codemanager.StatusQueued}
		}
		for i := range 4 {
			environments[i].Status = codemanager.StatusDeploying
		}
		w.Event(follow.Event{State: progress(environments...)})
		next := slices.Clone(environments)
		for i := range 62 {
			next[i].Status, next[i].Signature = follow.Syncing, sha
		}
		next[0].Status, next[0].Error = codemanager.StatusFailed, &codemanager.ErrorObject{Msg: "it broke"}
		w.Event(follow.Event{State: progress(next...)})
		w.Stop()
		want := []string{
			at(0) + "4 deploying, 58 queued; 2 of 3 compilers in sync; behind: c3.example.com",
			at(0) + "1 failed, 61 syncing; 2 of 3 compilers in sync; behind: c3.example.com",
		}
		if !slices.Equal(said, want) {
			t.Errorf("said:\n%s\nwant:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
		}
	})
}

// An environment that is meant to go is neither failed nor done while it goes.
func TestViewsOfDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		p := progress(follow.Environment{Name: "feature_x", Status: output.Deleting, Began: now, Seen: now})
		const want = `
Waiting for Code Manager, 5.0s, 0 of 1 done
  feature_x  deleting     5.0s
2 of 3 compilers in sync; behind: c3.example.com`
		if got := strings.Join(output.Frame(p, output.Style{Width: 80}, 24, 5*time.Second, now.Add(5*time.Second)), "\n"); got != want[1:] {
			t.Errorf("got:\n%s\nwant:\n%s", got, want[1:])
		}
		var said []string
		w := output.NewLineView(func(line string) { said = append(said, line) }, output.Style{}, error.Error)
		w.Event(follow.Event{State: progress(follow.Environment{Name: "feature_x", Status: codemanager.StatusQueued})})
		w.Event(follow.Event{State: p})
		many := make([]follow.Environment, 6)
		for i := range many {
			many[i] = follow.Environment{Name: fmt.Sprint("e", i), Status: output.Deleting}
		}
		w.Event(follow.Event{State: progress(many...)})
		w.Stop()
		if want := []string{at(0) + "feature_x is queued", at(0) + "feature_x has no branch", at(0) + "6 deleting; 2 of 3 compilers in sync; behind: c3.example.com"}; !slices.Equal(said, want) {
			t.Errorf("said:\n%s", strings.Join(said, "\n"))
		}
	})
}

// Where all compilers are passed over, the view says so.
func TestFrameWithoutCompilersToWaitFor(t *testing.T) {
	p := &follow.State{Compilers: []follow.Compiler{{Host: "c1", Standing: follow.Down}, {Host: "c2", Standing: follow.Down}}}
	got := output.Frame(p, output.Style{Width: 80}, 24, 0, time.Time{})
	if last := got[len(got)-1]; last != "not waiting for compilers: 2 down" {
		t.Errorf("it shows %q", last)
	}
}

// If all are done, a wait goes on for something else: no count says that it is over.
func TestViewsOfWaitsForSomethingElse(t *testing.T) {
	p := progress(follow.Environment{Name: "production", Status: codemanager.StatusComplete, Signature: sha})
	if got := output.Frame(p, output.Style{Width: 80}, 24, time.Second, time.Time{}); got[0] != "Waiting for Code Manager, 1.0s" {
		t.Errorf("it shows %q", got[0])
	}
}

// Deployments that ended before a watch are not news, neither successes nor failures.
func TestOldNewsIsNotSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		old := func(name string, status follow.Status) follow.Environment {
			return follow.Environment{Name: name, Status: status, Began: now, Seen: now}
		}
		var said []string
		w := output.NewLineView(func(line string) { said = append(said, line) }, output.Style{}, error.Error)
		w.Event(follow.Event{State: progress(old("a", codemanager.StatusComplete), old("b", codemanager.StatusFailed), old("c", follow.Live), old("d", codemanager.StatusQueued))})
		later := old("d", codemanager.StatusFailed)
		later.Seen = now.Add(time.Second)
		w.Event(follow.Event{State: progress(old("a", codemanager.StatusComplete), old("b", codemanager.StatusFailed), old("c", follow.Live), later)})
		w.Stop()
		if want := []string{at(0) + "d is queued", at(0) + "d failed after 1.0s"}; !slices.Equal(said, want) {
			t.Errorf("said:\n%s", strings.Join(said, "\n"))
		}
	})
}
