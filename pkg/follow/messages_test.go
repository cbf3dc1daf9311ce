package follow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Rule 8.
func TestUnfinishedWaits(t *testing.T) {
	for name, test := range map[string]struct {
		seq  sequence
		want string
	}{
		"in the queue": {sequence{before, time.Hour, "reset", []string{"deploying:p@10:00:00.100#7 " + before}}, "unfinished: p deploying #7"},
		"syncing": {sequence{before, time.Hour, "reset", []string{
			"queued:p@10:00:00.100#7 " + before, "staged:p@10:00:02=new on:a@10:00:03,p=old",
		}}, "unfinished: p syncing #7"},
		"out of reach": {sequence{before, time.Second, "reset", []string{"down"}}, "unfinished: p"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runFor(t, 10*time.Second, test.seq, "p")
			unfinished, ok := errors.AsType[*follow.UnfinishedError](got.err)
			if !ok || got.outcome != test.want || !unfinished.Sent || !errors.Is(got.err, context.DeadlineExceeded) || got.state == nil {
				t.Errorf("%q %v", got.outcome, got.err)
			}
			if got.took > 10*time.Second+100*time.Millisecond {
				t.Errorf("it took %s", got.took)
			}
		})
	}
	t.Run("never sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _, err := follow.Deploy(ctx, unsent{}, codemanager.DeployRequest{Environments: []string{"p"}}, follow.Options{})
			if unfinished, ok := errors.AsType[*follow.UnfinishedError](err); !ok || unfinished.Sent {
				t.Errorf("%T %v", err, err)
			}
		})
	})
	t.Run("an answer at the same moment is not lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			list, state, err := follow.Deploy(ctx, late{&replay{t: t}}, codemanager.DeployRequest{Environments: []string{"p"}}, follow.Options{})
			if got := outcome(list, state, err); got != "p complete" {
				t.Errorf("%q", got)
			}
		})
	})
}

// late is a server whose answer is read when the wait ends.
type late struct{ *replay }

func (late) Deploy(ctx context.Context, _ codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	<-ctx.Done()
	time.Sleep(10 * time.Millisecond)
	return []codemanager.Deployment{{Environment: "p", Status: codemanager.StatusComplete}}, nil
}

// unsent is a client that has no connection.
type unsent struct{}

func (unsent) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	return nil, &codemanager.ConnectionError{Err: ctx.Err()}
}

func (unsent) Deploy(ctx context.Context, _ codemanager.DeployRequest) ([]codemanager.Deployment, error) {
	return nil, &codemanager.ConnectionError{Err: ctx.Err()}
}

// A fault of this program ends the wait, and is an error like any other.
func TestPanicEndsTheWaitWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := follow.Watch(t.Context(), panicking{}, nil, settled, follow.Options{}); err == nil || !strings.Contains(err.Error(), "crash in a test") {
			t.Errorf("%v", err)
		}
	})
}

type panicking struct{}

func (panicking) DeploysStatus(context.Context) (*codemanager.DeploysStatus, error) {
	panic("crash in a test")
}

// Rule 9: an observer changes nothing.
func TestObserverChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &replay{t: t, seq: sequence{"deploying:p@09:59:55#9 " + before, 9 * second, "reset", []string{
			"deploying:p@09:59:55#9 queued:p@10:00:00#10 " + before,
			"deploying:p@10:00:00#10 staged:p@10:00:04=theirs on:a@10:00:04+,p=theirs",
			"failed:p@10:00:00#10 staged:p@10:00:04=theirs on:a@10:00:07+,p=theirs",
		}}}
		list, state, err := follow.Deploy(t.Context(), r, codemanager.DeployRequest{Environments: []string{"p"}}, follow.Options{})
		if got := outcome(list, state, err); got != "p failed #10 (failure of 10:00:00)" || r.asked[0] != 200*time.Millisecond {
			t.Errorf("%q, asked at %v", got, r.asked)
		}
	})
}

// Rule 9: the log has the outcome of each environment at each look, with its evidence.
func TestEvidenceIsLogged(t *testing.T) {
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		r := &replay{t: t, seq: sequence{before, 2 * second, "reset", []string{
			before, "queued:p@10:00:00#7 " + before, "down", "queued:p@10:00:00#7 " + before, "staged:p@10:00:04=new on:a@10:00:07,p=new",
		}}}
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if _, _, err := follow.Deploy(t.Context(), r, codemanager.DeployRequest{Environments: []string{"p"}}, follow.Options{Logger: logger}); err != nil {
			t.Error(err)
		}
	})
	rest := log.String()
	for _, words := range []string{
		"its entry in the queue was never seen", "status=queued", "its entry is in the queue", "status=complete",
		"its entry left the queue without failing, and the date of staging is new; every compiler has it",
	} {
		_, after, found := strings.Cut(rest, words)
		if !found {
			t.Fatalf("the log has no %q where it is due:\n%s", words, log.String())
		}
		rest = after
	}
}

func TestEventsOfAWait(t *testing.T) {
	got := run(t, sequence{before + " on:b@10:00:00,p=old", 2 * time.Second, "reset", []string{
		"deploying:p@10:00:00.100#7 " + before + " on:b@10:00:00,p=old",
		"deploying:p@10:00:00.100#7 " + before + " on:b@10:00:00,p=old",
		"down", "down", "down",
		"staged:p@10:00:03=new on:a@10:00:08,p=new on:b@10:00:08,p=old",
		"down",
		"staged:p@10:00:03=new on:a@10:00:12,p=new on:b@10:00:12,p=new",
	}}, "p")
	var said []string
	for _, e := range got.events {
		switch {
		case e.Broken != nil:
			said = append(said, "broken")
		case e.Unreachable != nil:
			said = append(said, "unreachable")
		case e.Reachable:
			said = append(said, "reachable")
		default:
			said = append(said, fmt.Sprintf("%s %v", e.State.Environments[0].Status, e.State.Hosts(follow.Behind)))
		}
	}
	want := []string{
		" []", "deploying []", "deploying []", "broken", "unreachable", "reachable", "syncing [b]",
		"unreachable", "reachable", "complete []",
	}
	if got.err != nil || !slices.Equal(said, want) {
		t.Errorf("said %q (%v), want %q", said, got.err, want)
	}
}

func TestIntervals(t *testing.T) {
	got := run(t, sequence{before, 10 * time.Minute, "p complete", []string{"deploying:p@10:00:00.100#7 " + before}}, "p")
	for i := 1; i < len(got.asked); i++ {
		if gap := got.asked[i] - got.asked[i-1]; gap > 5500*time.Millisecond || gap < 900*time.Millisecond {
			t.Errorf("look %d comes %s after the one before", i, gap)
		}
	}
	if len(got.asked) < 100 || len(got.asked) > 130 {
		t.Errorf("%d looks in ten minutes", len(got.asked))
	}
}

func TestReadState(t *testing.T) {
	status := parseLook(t, "failed:p@09:30:00#1 failed:p@08:00:00#0 failed:r@09:30:00 queued:q@10:00:00#7 deploying:q@09:59:00#6 "+
		"staged:p@09:00:00=pp staged:q@09:00:00=qq on:a@10:00:00+,p=pp,q=qq,l=ll on:b@08:00:00,p=oo,l=ll on:c@10:00:00,p=pp,q=oo")
	status.Date = clock("10:00:05")
	state := follow.Read(status, nil)
	var words []string
	for _, e := range state.Environments {
		words = append(words, fmt.Sprintf("%s %s %s %t/%t/%d", e.Name, e.Status, e.Signature, e.Staged, e.Everywhere, e.On))
	}
	for _, c := range state.Compilers {
		words = append(words, fmt.Sprintf("%s %d %d", c.Host, c.Standing, c.Different))
	}
	for _, f := range state.Failures {
		words = append(words, fmt.Sprintf("%s %s %t %t", f.Environment, f.ID, f.Superseded, f.Appeared))
	}
	want := []string{
		"l live ll false/false/1", "p failed pp true/true/2", "q deploying qq true/false/2", "r failed  false/false/0",
		"a 0 0", "b 2 2", "c 1 1", "p 1 false false", "r  false false", "p 0 true false",
	}
	if !slices.Equal(words, want) {
		t.Errorf("got  %q\nwant %q", words, want)
	}
	nameless := follow.Read(parseLook(t, "failed:@10:00:00#1 queued:@10:00:00#2 "+before), nil)
	if len(nameless.Environments) != 1 || len(nameless.Failures) != 0 {
		t.Errorf("%+v", nameless)
	}
	named := follow.Read(status, []string{"q"})
	if len(named.Environments) != 1 || len(named.Failures) != 0 || named.Hosts(follow.InSync)[0] != "a" || named.Environment("p") != nil {
		t.Errorf("%+v", named)
	}
	// As they were asked for: a script reads signatures by their place.
	asked := follow.Read(status, []string{"q", "gone", "p", "q"}).Environments
	if len(asked) != 2 || asked[0].Name != "q" || asked[1].Name != "p" {
		t.Errorf("%+v", asked)
	}
}

// Compilers whose commits differ have no common one, also if a commit is empty: whichever compiler is
// read first.
func TestLiveCommitsThatDiffer(t *testing.T) {
	for range 20 {
		status := parseLook(t, "on:a@10:00:00,l=ll on:b@10:00:00,l= on:c@10:00:00,l=ll")
		if got := follow.Read(status, nil).Environments; len(got) != 1 || got[0].Status != follow.Live || got[0].Signature != "" {
			t.Fatalf("%+v", got)
		}
	}
}
