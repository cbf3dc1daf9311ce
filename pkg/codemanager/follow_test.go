package codemanager_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

func TestOutcomesOfFollowing(t *testing.T) {
	const second = time.Second
	for name, test := range map[string]struct {
		seq   sequence
		names []string // none is all
		want  string
	}{
		"deployed while the connection was gone": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"staged:p@10:00:03=new on:a@10:00:03.500,p=old",
			"staged:p@10:00:03=new on:a@10:00:04.500,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"failed while the connection was gone": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"failed:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
		}}, []string{"p"}, "p failed #7 (failure of 10:00:00.100)"},

		"failures from before do not count": {sequence{2 * second, reset, "", []string{
			"failed:p@09:30:00#3 failed:q@09:59:59#6 deploying:p@10:00:00.100#7 queued:q@10:00:00.100#8 staged:p@09:00:00=old staged:q@09:00:00=old on:a@10:00:00.900,p=old,q=old",
			"failed:p@09:30:00#3 failed:q@09:59:59#6 staged:p@10:00:02=new staged:q@10:00:02=new on:a@10:00:03,p=new,q=new",
		}}, []string{"p", "q"}, "p complete new #7; q complete new #8"},

		"failures from before, where the queue was never seen": {sequence{2 * second, reset, "", []string{
			"failed:p@09:59:50#3 staged:p@09:00:00=same on:a@10:00:00.900,p=same",
		}}, []string{"p"}, "p complete same"},

		"a new failure, where the queue was never seen": {sequence{2 * second, reset, "", []string{
			"failed:p@10:00:00.050#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		}}, []string{"p"}, "p failed #7 (failure of 10:00:00.050)"},

		"the same without ids": {sequence{2 * second, reset, "", []string{
			"failed:p@09:59:50 failed:p@10:00:00.050 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		}}, []string{"p"}, "p failed (failure of 10:00:00.050)"},

		"servers without ids": {sequence{2 * second, reset, "", []string{
			"failed:p@09:30:00 deploying:p@10:00:00.100 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"failed:p@09:30:00 staged:p@10:00:02=new on:a@10:00:03,p=new",
		}}, []string{"p"}, "p complete new"},

		"the same commit again, with a new date": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=same on:a@10:00:00.900,p=same",
			"staged:p@10:00:01=same on:a@10:00:03,p=same",
		}}, []string{"p"}, "p complete same #7"},

		"the same commit again, with the old date": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=same on:a@10:00:00.900,p=same",
			"staged:p@09:00:00=same on:a@10:00:03,p=same",
			"staged:p@09:00:00=same on:a@10:00:04,p=same",
		}}, []string{"p"}, "p complete same #7"},

		"staged in the same second as queued": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.900#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"staged:p@10:00:00=new on:a@10:00:03,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"staged in the same second as queued, after half a minute without a network": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.900#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"down",
			"staged:p@10:00:00=new on:a@10:00:30,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"ids tell apart what times do not": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 failed:p@10:00:00.100#6 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"failed:p@10:00:00.100#6 staged:p@10:00:02=new on:a@10:00:03,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"a failure that a later deployment made good": {sequence{2 * second, reset, "", []string{
			"failed:p@10:00:00.200#7 staged:p@10:00:01=new on:a@10:00:01,p=new",
		}}, []string{"p"}, "p complete new"},

		"a deployment of before that still runs": {sequence{9 * second, reset, "", []string{
			"deploying:p@09:59:50#6 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@09:59:50#6 queued:p@10:00:05#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"deploying:p@10:00:05#7 failed:p@09:59:50#6 staged:p@09:00:00=old on:a@10:00:04,p=old",
			"failed:p@09:59:50#6 staged:p@10:00:08=new on:a@10:00:09,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"all: one is over before the next is queued": {sequence{second / 2, reset, "", []string{
			"staged:p@10:00:00=pp on:a@10:00:00.500,p=pp",
			"queued:q@10:00:01#9 staged:p@10:00:00=pp on:a@10:00:01.500,p=pp",
			"staged:q@10:00:02=qq staged:p@10:00:00=pp on:a@10:00:03.500,p=pp,q=qq",
		}}, nil, "p complete pp; q complete qq #9"},

		"queued and deploying at once": {sequence{2 * second, reset, "", []string{
			"deploying:p@09:59:58#6 queued:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@10:00:00.100#7 failed:p@09:59:58#6 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"failed:p@09:59:58#6 staged:p@10:00:04=new on:a@10:00:05,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"a compiler that never checked in": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 on:a@10:00:00.900 on:b@never",
			"staged:p@10:00:02=new on:a@10:00:03,p=new on:b@never",
		}}, []string{"p"}, "p complete new #7"},

		"a compiler that has been down for long": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 on:a@10:00:00.900 on:b@08:00:00,p=older",
			"staged:p@10:00:02=new on:a@10:00:03,p=new on:b@08:00:00,p=older",
		}}, []string{"p"}, "p complete new #7"},

		"no compilers": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7",
			"staged:p@10:00:02=new",
		}}, []string{"p"}, "p complete new #7"},

		"all: what the server queued": {sequence{4 * second, reset, "", []string{
			"staged:other@09:00:00=o staged:done@10:00:00=d on:a@10:00:00.900,other=o,done=d",
			"queued:q@10:00:01#9 deploying:p@10:00:01#8 failed:old@09:59:00#1 failed:early@10:00:01#7 staged:other@09:00:00=o staged:done@10:00:00=d on:a@10:00:02,other=o,done=d",
			"staged:p@10:00:03=pp staged:q@10:00:04=qq staged:other@09:00:00=o staged:done@10:00:00=d failed:old@09:59:00#1 failed:early@10:00:01#7 on:a@10:00:05,p=pp,q=qq,other=o,done=d",
		}}, nil, "done complete d; early failed #7 (failure of 10:00:01); p complete pp #8; q complete qq #9"},

		"a gateway that had enough": {sequence{60 * second, gatewayOut, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"staged:p@10:00:02=new on:a@10:00:03,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"half a minute without a network": {sequence{2 * second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"down", "down", "502", "down", "down", "down", "down",
			"staged:p@10:00:20=new on:a@10:00:35,p=new",
		}}, []string{"p"}, "p complete new #7"},

		"the same commit again over half a minute without a network": {sequence{2 * second, reset, "", []string{
			"queued:p@10:00:00.100#7 staged:p@09:00:00=same on:a@10:00:00.900,p=same",
			"down", "down", "down", "down",
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=same on:a@10:00:20,p=same",
			"staged:p@09:00:00=same on:a@10:00:25,p=same",
		}}, []string{"p"}, "p complete same #7"},

		"the name of a branch": {sequence{2 * second, reset, "", []string{
			"failed:feature/x@10:00:00.100#7 on:a@10:00:00.900",
		}}, []string{"feature/x"}, "feature/x failed #7 (failure of 10:00:00.100)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, r, _, err := follow(t, test.seq, test.names...)
			if err != nil || got != test.want {
				t.Errorf("got %s (%v), want %s; %d looks", got, err, test.want, len(r.asked))
			}
		})
	}
}

func TestTheServersAnswerComesFirst(t *testing.T) {
	seq := sequence{90 * time.Second, nil, `[{"environment":"p","status":"complete","id":7,"deploy-signature":"new"}]`, []string{
		"deploying:p@10:00:00.100#7 on:a@10:00:00.900",
	}}
	synctest.Test(t, func(t *testing.T) {
		r := &replay{t: t, seq: seq, began: time.Now()}
		f := codemanager.Follower{API: r, Observe: func(codemanager.Event) {}}
		var list codemanager.DeploymentList
		err := f.Run(t.Context(), codemanager.DeployRequest{Environments: []string{"p"}}, &list)
		if err != nil || summary(list) != "p complete new #7" || time.Since(r.began) != 90*time.Second {
			t.Errorf("%s %v after %s", summary(list), err, time.Since(r.began))
		}
	})
}

// Before the server has queued anything, an environment looks as one that is
// complete does.
func TestNothingIsOverBeforeItBegan(t *testing.T) {
	seq := sequence{5 * time.Minute, nil, `[{"environment":"p","status":"complete","deploy-signature":"new"}]`, []string{
		"staged:p@09:00:00=old on:a@10:00:00.900,p=old",
	}}
	got, r, events, err := follow(t, seq, "p")
	if err != nil || got != "p complete new" || len(r.asked) < 50 {
		t.Errorf("%s %v, %d looks", got, err, len(r.asked))
	}
	for _, e := range events {
		if e.Progress != nil && e.Progress.Environments[0].Status != "" {
			t.Fatalf("said to be %+v", e.Progress.Environments[0])
		}
	}
}

func TestSilentConnectionsAreGivenUp(t *testing.T) {
	_, r, _, err := follow(t, sequence{59 * time.Minute, reset, "", []string{
		"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		"staged:p@10:00:02=new on:a@10:00:03,p=new",
	}}, "p")
	if last := r.asked[len(r.asked)-1]; err != nil || last < 30*time.Second || last > 40*time.Second {
		t.Errorf("%v, the last look after %s", err, last)
	}
}

func TestLooks(t *testing.T) {
	seq := sequence{10 * time.Minute, nil, `[]`, []string{"deploying:p@10:00:00.100#7 on:a@10:00:00.900"}}
	_, r, _, err := follow(t, seq, "p")
	if err != nil {
		t.Fatal(err)
	}
	if first := r.asked[0]; first < 900*time.Millisecond || first > 1100*time.Millisecond {
		t.Errorf("the first look comes after %s", first)
	}
	for i := 1; i < len(r.asked); i++ {
		if gap := r.asked[i] - r.asked[i-1]; gap > 5500*time.Millisecond || gap < 900*time.Millisecond {
			t.Errorf("look %d comes %s after the one before", i, gap)
		}
	}
	if len(r.asked) > 129 {
		t.Errorf("%d requests in ten minutes", len(r.asked)+1)
	}
	if gaps := len(slices.Compact(slices.Clone(r.asked))); gaps < 100 {
		t.Errorf("only %d looks", gaps)
	}
}

func TestNobodyWatchesNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &replay{t: t, began: time.Now(), seq: sequence{time.Minute, reset, "", []string{
			"failed:p@09:30:00#3 staged:p@10:00:02=new on:a@10:01:00,p=new",
		}}}
		f := codemanager.Follower{API: r}
		var list codemanager.DeploymentList
		err := f.Run(t.Context(), codemanager.DeployRequest{Environments: []string{"p"}}, &list)
		if err != nil || summary(list) != "p complete new" {
			t.Errorf("%s %v", summary(list), err)
		}
		if len(r.asked) == 0 || r.asked[0] < time.Minute {
			t.Errorf("asked at %v", r.asked)
		}
	})
}

func TestWhatIsSaid(t *testing.T) {
	_, _, events, err := follow(t, sequence{2 * time.Second, reset, "", []string{
		"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old on:b@10:00:00,p=old",
		"down", "down", "down",
		"staged:p@10:00:03=new on:a@10:00:08,p=new on:b@10:00:08,p=old",
		"down",
		"staged:p@10:00:03=new on:a@10:00:12,p=new on:b@10:00:12,p=new",
	}}, "p")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range events {
		switch {
		case e.Broken != nil:
			said = append(said, "broken")
		case e.Unreachable != nil:
			said = append(said, "unreachable")
		case e.Reachable:
			said = append(said, "reachable")
		default:
			p := e.Progress
			said = append(said, fmt.Sprintf("%s %d/%d %v", p.Environments[0].Status, p.InSync, p.Compilers, p.Lagging))
		}
	}
	want := []string{
		"deploying 2/2 []", "broken", "unreachable", "reachable", "syncing 1/2 [b]",
		"unreachable", "reachable", "complete 2/2 []",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestLostDeployments(t *testing.T) {
	for name, test := range map[string]struct {
		seq   sequence
		names []string
		lost  string
	}{
		"restarted": {sequence{2 * time.Second, reset, "", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"down",
			"staged:p@09:00:00=old on:a@10:00:10,p=old",
		}}, []string{"p"}, "p"},
		"restarted, and nothing was ever staged": {sequence{2 * time.Second, reset, "", []string{
			"deploying:p@10:00:00.100#7 on:a@10:00:00.900",
			"on:a@10:00:10",
		}}, []string{"p"}, "p"},
		"a gateway without a server": {sequence{time.Second / 2, badGateway, "", []string{
			"staged:p@09:00:00=old on:a@10:00:10,p=old",
		}}, []string{"p"}, "p"},
		"all": {sequence{2 * time.Second, reset, "", []string{
			"staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		}}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, _, err := follow(t, test.seq, test.names...)
			lost, ok := errors.AsType[*codemanager.LostError](err)
			if !ok || strings.Join(lost.Environments, ",") != test.lost || got != "" {
				t.Errorf("%s: %T %v", got, err, err)
			}
		})
	}
}

func TestErrorsThatEndFollowing(t *testing.T) {
	notSent := &codemanager.ConnectionError{Err: errors.New("refused")}
	refused := &codemanager.APIError{StatusCode: 401, Kind: "puppetlabs.rbac/token-expired"}
	collect := &codemanager.APIError{StatusCode: 503, Kind: "puppetlabs.code-manager/collect-failed"}
	for name, test := range map[string]struct {
		seq  sequence
		want error
	}{
		"never left":                     {sequence{0, notSent, "", []string{"down"}}, notSent},
		"refused":                        {sequence{0, refused, "", []string{"down"}}, refused},
		"an answer of Code Manager's":    {sequence{0, collect, "", []string{"down"}}, collect},
		"out of reach for an hour":       {sequence{time.Second / 2, reset, "", []string{"down"}}, &codemanager.ConnectionError{Err: errors.New("refused")}},
		"deploys/status refuses, broken": {sequence{time.Second / 2, reset, "", []string{"401"}}, &codemanager.APIError{StatusCode: 401, Kind: "k"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := follow(t, test.seq, "p")
			if err == nil || err.Error() != test.want.Error() {
				t.Errorf("%T %v, want %v", err, err, test.want)
			}
		})
	}
	t.Run("deploys/status refuses, not broken", func(t *testing.T) {
		seq := sequence{20 * time.Second, nil, `[{"environment":"p","status":"complete"}]`, []string{"401"}}
		if got, _, _, err := follow(t, seq, "p"); err != nil || got != "p complete" {
			t.Errorf("%s %v", got, err)
		}
	})
}

func TestUnfinished(t *testing.T) {
	for name, test := range map[string]struct {
		quiet bool
		seq   sequence
		want  string
	}{
		"watched":      {false, sequence{time.Hour, reset, "", []string{"deploying:p@10:00:00.100#7 on:a@10:00:00.900 on:b@10:00:00.900"}}, "deploying"},
		"not watched":  {true, sequence{time.Hour, reset, "", []string{"staged:p@10:00:02=new on:a@10:00:09,p=new on:b@10:00:09"}}, "syncing [b]"},
		"out of reach": {false, sequence{time.Second, reset, "", []string{"down"}}, "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &replay{t: t, began: time.Now(), seq: test.seq}
				f := codemanager.Follower{API: r}
				if !test.quiet {
					f.Observe = func(codemanager.Event) {}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				err := f.Run(ctx, codemanager.DeployRequest{Environments: []string{"p"}}, &codemanager.DeploymentList{})
				unfinished, ok := errors.AsType[*codemanager.UnfinishedError](err)
				if !ok || !errors.Is(err, context.DeadlineExceeded) || !unfinished.Sent {
					t.Fatalf("%T %v", err, err)
				}
				got := "nothing"
				if p := unfinished.Progress; p != nil {
					got = string(p.Unsettled()[0].Status)
					if len(p.Lagging) > 0 {
						got += fmt.Sprint(" ", p.Lagging)
					}
				}
				if got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				if took := time.Since(r.began); took > 10*time.Second+100*time.Millisecond {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
