package follow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Rule 1.
func TestFirstLook(t *testing.T) {
	outcomes{
		"an older failure of somebody else, no compilers": {sequence{"failed:p@09:59:59#6 staged:p@09:00:00=old", 2 * second, "reset", []string{
			"failed:p@09:59:59#6 staged:p@09:00:00=old queued:p@10:00:00#7",
			"failed:p@09:59:59#6 staged:p@10:00:01=new",
		}}, "p", "p complete new #7"},
		"503 for the request, somebody else's was queued a minute before": {sequence{"deploying:p@09:59:00#6 " + before, second / 10, "503", []string{
			"deploying:p@09:59:00#6 " + before,
			"staged:p@10:00:02=new on:a@10:00:03+,p=new",
		}}, "p", "unknown: p"},
		"without a first look, looks prove nothing": {sequence{"nothing", 5 * second, "reset", []string{
			"deploying:p@10:00:02.100#7 " + before,
			"staged:p@10:00:03=new on:a@10:00:04,p=new",
		}}, "p", "unknown: p"},
	}.run(t)
	t.Run("it takes at most half a minute", func(t *testing.T) {
		got := run(t, sequence{"nothing", 0, "p complete", []string{"nothing"}}, "p")
		if got.outcome != "p complete" || got.waited != 30*time.Second {
			t.Errorf("%s, sent after %s", got.outcome, got.waited)
		}
	})
	t.Run("the next comes soon after the request", func(t *testing.T) {
		got := run(t, sequence{before, 10 * second, "p complete", []string{before}}, "p")
		if got.asked[0] != 200*time.Millisecond {
			t.Errorf("after %s", got.asked[0])
		}
	})
}

// Rule 2.
func TestOurEntryInTheQueue(t *testing.T) {
	outcomes{
		"theirs is staged, ours fails, then the connection is cut": {sequence{"deploying:p@09:59:55#9 " + before, 9 * second, "reset", []string{
			"deploying:p@09:59:55#9 queued:p@10:00:00#10 " + before,
			"deploying:p@09:59:55#9 queued:p@10:00:00#10 " + before,
			"deploying:p@10:00:00#10 staged:p@10:00:04=theirs on:a@10:00:04+,p=theirs",
			"failed:p@10:00:00#10 staged:p@10:00:04=theirs on:a@10:00:07+,p=theirs",
		}}, "p", "p failed #10 (failure of 10:00:00)"},
		"two that are new at once, and end differently": {sequence{before, 3 * second, "reset", []string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 deploying:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 staged:p@10:00:02=new on:a@10:00:03,p=new",
		}}, "p", "unknown: p lost"},
		"two that are new at once, and both fail": {sequence{before, 3 * second, "reset", []string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 deploying:p@10:00:00.100#10 " + before,
			"failed:p@10:00:00#9 failed:p@10:00:00.100#10 " + before,
		}}, "p", "p failed (failure of 10:00:00.100)"},
		"two that are new at once, and both are staged": {sequence{before, 3 * second, "reset", []string{
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"deploying:p@10:00:00#9 queued:p@10:00:00.100#10 " + before,
			"deploying:p@10:00:00.100#10 " + before,
			"staged:p@10:00:06=new on:a@10:00:08+,p=new", "staged:p@10:00:06=new on:a@10:00:13+,p=new",
		}}, "p", "p complete new"},
		"an id that appears late, and other forms of the time": {sequence{"queued:p@09:59:59.000 " + before, 3 * second, "reset", []string{
			"deploying:p@09:59:59#9 queued:p@10:00:00.100 " + before,
			"deploying:p@09:59:59.0#9 queued:p@10:00:00.1 " + before,
			"deploying:p@09:59:59.0#9 queued:p@10:00:00.1 " + before,
			"deploying:p@10:00:00.1000#10 " + before,
			"failed:p@10:00:00.100#10 " + before,
		}}, "p", "p failed #10 (failure of 10:00:00.100)"},
		"a new entry after a look that failed": {sequence{before, 9 * second, "reset", []string{
			"down", "deploying:p@10:00:01#9 " + before, "failed:p@10:00:01#9 " + before,
		}}, "p", "unknown: p"},
		"an entry that comes after the time in which it can be ours": {sequence{before, 9 * second, "reset", append(
			repeat(before, 8), "deploying:p@10:00:07#9 "+before, "failed:p@10:00:07#9 "+before,
		)}, "p", "unknown: p"},
		"deploys/status takes six seconds": {sequence{before, 9 * second, "reset", []string{
			"slow:6s deploying:p@10:00:00#9 " + before, "slow:6s deploying:p@10:00:00#9 " + before,
			"slow:6s staged:p@10:00:09=new on:a@10:00:12,p=new",
		}}, "p", "p complete new #9"},
		"deploys/status takes six seconds, and theirs is older": {sequence{"deploying:p@09:59:55#8 " + before, 9 * second, "reset", []string{
			"slow:6s failed:p@09:59:55#8 " + before,
		}}, "p", "unknown: p"},
		"a server that starts its ids anew": {sequence{"deploying:p@09:59:59#90 " + before, 2 * second, "reset", []string{
			"queued:p@10:00:00.100#1 " + before, "queued:p@10:00:00.100#1 " + before, "queued:p@10:00:00.100#1 " + before,
			"staged:p@10:00:09=new on:a@10:00:10,p=old", "staged:p@10:00:09=new on:a@10:00:15+,p=new",
		}}, "p", "p complete new #1"},
		"the same id, and another time": {sequence{"failed:p@09:30:00#1 " + before, 2 * second, "reset", []string{
			"failed:p@10:00:00#1 " + before,
		}}, "p", "p failed #1 (failure of 10:00:00)"},
		"one check-in is five minutes ahead": {sequence{"staged:p@09:00:00=old on:a@10:05:00+,p=old", 2 * second, "reset", []string{
			"date:none failed:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:05:00+,p=old",
		}}, "p", "p failed #7 (failure of 10:00:00.100)"},
	}.run(t)
}

// Rule 3.
func TestStagedByOurDeployment(t *testing.T) {
	outcomes{
		"never queued, staged a day ago": {sequence{before, second / 10, "reset", []string{
			before, "staged:p@09:00:00=old on:a@10:00:10+,p=old",
		}}, "p", "unknown: p"},
		"cut at once, queued later, fails": {sequence{before, 0, "reset", []string{
			before, before, "deploying:p@10:00:03#7 " + before, "failed:p@10:00:03#7 " + before,
		}}, "p", "p failed #7 (failure of 10:00:03)"},
		"the server is restarted behind a balancer, which cuts the request later": {sequence{before, 60 * second, "504", []string{
			"deploying:p@10:00:00.100#7 " + before, "deploying:p@10:00:00.100#7 " + before,
			"503", "503", "503", "staged:p@09:00:00=old on:a@10:00:30+,p=old", "staged:p@09:00:00=old on:a@10:00:40+,p=old",
		}}, "p", "unknown: p lost #7"},
		"the server is restarted while no look fails": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "deploying:p@10:00:00.100#7 " + before,
			"staged:p@09:00:00=old on:a@10:00:05+,p=old", "staged:p@09:00:00=old on:a@10:00:10+,p=old",
		}}, "p", "unknown: p lost #7"},
		"a gateway cuts the request because the server is restarted": {sequence{before, 2 * second, "502", []string{
			"deploying:p@10:00:00.100#7 " + before, "deploying:p@10:00:00.100#7 " + before,
			"staged:p@09:00:00=old on:a@10:00:05+,p=old", "staged:p@09:00:00=old on:a@10:00:10+,p=old",
		}}, "p", "unknown: p lost #7"},
		"restarted, and nothing was ever staged": {sequence{"on:a@10:00:00", 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 on:a@10:00:00.900", "down", "on:a@10:00:10",
		}}, "p", "unknown: p lost #7"},
		"fast, with a new date, never seen": {sequence{before, 2 * second, "reset", []string{
			before, before, "staged:p@10:00:01=new on:a@10:00:03,p=new",
		}}, "p", "unknown: p"},
		"fast, with a kept date, never seen": {sequence{before, 2 * second, "reset", []string{
			before, before, "staged:p@09:00:00=old on:a@10:00:03+,p=old",
		}}, "p", "unknown: p"},
		"fast, with a kept date, seen once": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, before,
			"staged:p@09:00:00=old on:a@10:00:03+,p=old",
		}}, "p", "p complete old #7"},
		"the new date of another, ours is not seen": {sequence{"deploying:p@09:59:55#6 " + before, 1 * second, "reset", []string{
			"deploying:p@09:59:55#6 " + before, "staged:p@10:00:01=theirs on:a@10:00:03+,p=theirs",
		}}, "p", "unknown: p"},
		"the new date of another, which is gone at the first look after the request": {sequence{"deploying:p@09:59:59#6 " + before, 1 * second, "reset", []string{
			"staged:p@10:00:00=theirs on:a@10:00:03+,p=theirs",
		}}, "p", "unknown: p"},
		"another was gone while the date was the older one": {sequence{"deploying:p@09:59:55#6 " + before, 1 * second, "reset", []string{
			"deploying:p@09:59:55#6 " + before, "failed:p@09:59:55#6 " + before, "failed:p@09:59:55#6 staged:p@10:00:04=new on:a@10:00:05+,p=new",
		}}, "p", "unknown: p"},
		"a date that is older than the first look's": {sequence{before, second / 10, "reset", []string{
			"staged:p@08:00:00=older on:a@10:00:03+,p=older",
		}}, "p", "unknown: p"},
		"no first look, and the date is new already": {sequence{"down", 5 * second, "reset", []string{
			"down", "down", "down", "staged:p@10:00:03=theirs on:a@10:00:05+,p=theirs",
		}}, "p", "unknown: p"},
		"no first look, and an older date before the new one": {sequence{"down", 5 * second, "reset", []string{
			before, "down", "down", "down", "staged:p@10:00:06=new on:a@10:00:09,p=new",
		}}, "p", "unknown: p"},
		"ours is staged over an outage, after another that was staged before": {sequence{"deploying:p@09:59:55#6 " + before, 5 * second, "reset", []string{
			"deploying:p@09:59:55#6 queued:p@10:00:00#7 " + before,
			"queued:p@10:00:00#7 staged:p@10:00:01=theirs on:a@10:00:03+,p=theirs",
			"down", "staged:p@10:00:08=new on:a@10:00:12+,p=new",
		}}, "p", "unknown: p lost #7"},
		"an outage in which another's entry stays in the queue": {sequence{"deploying:q@09:59:55#6 " + before, 5 * second, "reset", []string{
			"deploying:q@09:59:55#6 queued:p@10:00:00#7 " + before,
			"down", "deploying:q@09:59:55#6 staged:p@09:00:00=old on:a@10:00:08+,p=old",
			"deploying:q@09:59:55#6 staged:p@09:00:00=old on:a@10:00:12+,p=old",
		}}, "p", "p complete old #7"},
		"a failure that has been shown is not forgotten": {sequence{before, 20 * second, "reset", []string{
			"deploying:p@10:00:00#7 " + before, "failed:p@10:00:00#7 " + before, "staged:p@10:00:05=theirs on:a@10:00:08+,p=theirs",
		}}, "p", "p failed #7 (failure of 10:00:00)"},
		"it was staged before an outage, and still in the queue": {sequence{before, 5 * second, "reset", []string{
			"deploying:p@10:00:00#7 " + before,
			"deploying:p@10:00:00#7 staged:p@10:00:01=new on:a@10:00:03,p=old",
			"down", "staged:p@10:00:01=new on:a@10:00:12,p=new",
		}}, "p", "p complete new #7"},
		"a look from before the request broke": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00#7 " + before, "slow:1500ms deploying:p@10:00:00#7 " + before,
			before, "staged:p@09:00:00=old on:a@10:00:12+,p=old",
		}}, "p", "unknown: p lost #7"},
		"the date that another made while ours was queued": {sequence{"deploying:p@09:59:55#6 " + before, 5 * second, "reset", []string{
			"deploying:p@09:59:55#6 queued:p@10:00:00#7 " + before,
			"queued:p@10:00:00#7 staged:p@10:00:01=theirs on:a@10:00:03+,p=theirs",
			"down", "staged:p@10:00:01=theirs on:a@10:00:12+,p=theirs",
		}}, "p", "unknown: p lost #7"},
	}.run(t)
}

// Rule 4.
func TestFailureNeedsOurEntry(t *testing.T) {
	outcomes{
		"ours completes, another's fails before the next look": {sequence{before, 60 * second, "reset", []string{
			"deploying:p@10:00:00#10 " + before,
			"deploying:p@10:00:00#10 " + before,
			"failed:p@10:00:03#11 staged:p@10:00:02=new on:a@10:00:02,p=old",
			"failed:p@10:00:03#11 staged:p@10:00:02=new on:a@10:00:09+,p=new",
		}}, "p", "p complete new #10"},
		"ours fails, another's completes later": {sequence{before, 60 * second, "reset", []string{
			"deploying:p@10:00:00#10 " + before,
			"queued:p@10:00:01#11 deploying:p@10:00:00#10 " + before,
			"failed:p@10:00:00#10 staged:p@10:00:03=theirs on:a@10:00:04+,p=theirs",
		}}, "p", "p failed #10 (failure of 10:00:00)"},
		"never seen in the queue, made good by another": {sequence{before, 2 * second, "reset", []string{
			"failed:p@10:00:00.200#7 staged:p@10:00:01=new on:a@10:00:01,p=new",
		}}, "p", "p failed #7 (failure of 10:00:00.200)"},
		"an older failure of somebody else": {sequence{"failed:p@09:59:59#6", 2 * second, "reset", []string{
			"failed:p@09:59:59#6",
		}}, "p", "unknown: p"},
		"an earlier deployment fails": {sequence{"deploying:p@09:59:59#6 " + before, second / 10, "reset", []string{
			"failed:p@09:59:59#6 " + before,
		}}, "p", "unknown: p"},
		"it fails although it was staged": {sequence{before, 60 * second, "reset", []string{
			"deploying:p@10:00:00#7 " + before, "staged:p@10:00:01=new on:a@10:00:01,p=old",
			"staged:p@10:00:01=new failed:p@10:00:00#7 on:a@10:00:01,p=old",
		}}, "p", "p failed #7 (failure of 10:00:00)"},
	}.run(t)
}

// Rule 5.
func TestCompilersThatHaveTheDeployment(t *testing.T) {
	seen := "deploying:p@10:00:00.100#7 "
	staged := "staged:p@10:00:02=new "
	outcomes{
		"the same commit with an older date is not it": {sequence{before, 3 * second, "reset", []string{
			seen + before, seen + before, "staged:p@10:00:02=old on:a@10:00:03,p=old@09:00:00",
			"staged:p@10:00:02=old on:a@10:00:03,p=old@09:00:00",
			"staged:p@10:00:02=old on:a@10:00:40,p=old@10:00:02",
		}}, "p", "p complete old #7"},
		"with a kept date, a check-in from before is no evidence": {sequence{before, 3 * second, "reset", []string{
			seen + before, "staged:p@09:00:00=old on:a@10:00:00+,p=old",
		}}, "p", "unknown: p syncing #7"},
		"a later date, and another commit": {sequence{before, 3 * second, "reset", []string{
			seen + before, staged + "on:a@10:20:03,p=old@10:20:00",
		}}, "p", "unknown: p syncing #7"},
		"in sync at a later check-in, with another commit": {sequence{before, 3 * second, "reset", []string{
			seen + before, staged + "on:a@10:00:03+,p=old", staged + "on:a@10:00:08+,p=old",
		}}, "p", "unknown: p syncing #7"},
		"one had it before a later staging": {sequence{before + " on:b@10:00:00+,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@10:00:00+,p=old",
			staged + "on:a@10:00:03+,p=new on:b@10:00:00,p=old",
			"staged:p@10:00:05=later on:a@10:00:04,p=new on:b@10:00:06+,p=later",
		}}, "p", "p complete new #7"},
		"one was listed before and is missing": {sequence{before + " on:b@10:00:00+,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@10:00:00+,p=old",
			staged + "on:a@10:00:03+,p=new", staged + "on:a@10:00:03+,p=new",
			staged + "on:a@10:00:09+,p=new on:b@10:00:09+,p=new",
		}}, "p", "p complete new #7"},
		"one is missing since the request": {sequence{before + " on:b@10:00:00+,p=old", 3 * second, "reset", []string{
			seen + before, staged + "on:a@10:00:03+,p=new",
		}}, "p", "unknown: p syncing #7"},
		"one is down": {sequence{before + " on:b@08:00:00,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@08:00:00,p=old", staged + "on:a@10:00:03+,p=new on:b@08:00:00,p=old",
		}}, "p", "p complete new #7"},
		"the clock of one is an hour behind, and it checks in": {sequence{before + " on:b@09:00:00,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@09:00:00,p=old", staged + "on:a@10:00:03+,p=new on:b@09:00:00,p=old",
			staged + "on:a@10:00:03+,p=new on:b@09:00:05,p=old", staged + "on:a@10:00:03+,p=new on:b@09:00:05,p=old",
			"502", staged + "on:a@10:00:13+,p=new on:b@09:00:15,p=new",
		}}, "p", "p complete new #7"},
		"the clock of one is 20 minutes ahead": {sequence{before + " on:b@10:20:00,p=old on:c@10:00:00,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@10:20:00,p=old on:c@10:00:00,p=old",
			staged + "on:a@10:00:03,p=old on:b@10:20:03,p=new on:c@10:00:03,p=old",
		}}, "p", "unknown: p syncing #7"},
		"the same without a Date": {sequence{"date:none " + before + " on:b@10:20:00,p=old", 3 * second, "reset", []string{
			"date:none " + seen + before + " on:b@10:20:00,p=old",
			"date:none " + staged + "on:a@10:00:03,p=old on:b@10:20:03,p=new",
		}}, "p", "unknown: p syncing #7"},
		"only modules were deployed, and it is not in sync": {sequence{before, 3 * second, "reset", []string{
			seen + before, "staged:p@09:00:00=old on:a@10:00:01,p=old", "staged:p@09:00:00=old on:a@10:00:05,p=old",
			"staged:p@09:00:00=old on:a@10:00:10,p=old", "staged:p@09:00:00=old on:a@10:00:15+,p=old",
		}}, "p", "p complete old #7"},
		"no compiler ever checked in": {sequence{"on:a@never", 3 * second, "reset", []string{
			seen + "on:a@never on:b@never", staged + "on:a@never on:b@never",
		}}, "p", "unknown: p syncing #7"},
	}.run(t)
	outcomes{
		"the date was made by another, and kept by ours": {sequence{"deploying:p@09:59:59#6 " + before, 3 * second, "reset", []string{
			"deploying:p@09:59:59#6 queued:p@10:00:00#7 " + before,
			"staged:p@10:00:00=new on:a@10:00:01,p=new",
			"staged:p@10:00:00=new on:a@10:00:01,p=new",
		}}, "p", "unknown: p syncing #7"},
	}.run(t)
	t.Run("a compiler that appears after ours left the queue", func(t *testing.T) {
		got := run(t, sequence{before, 3 * second, "reset", []string{
			seen + before, "staged:p@09:00:00=old on:a@10:00:01+,p=old",
			"staged:p@09:00:00=old on:a@10:00:05+,p=old on:b@09:59:00+,p=old",
			"staged:p@09:00:00=old on:a@10:00:05+,p=old on:b@09:59:00+,p=old",
			"staged:p@09:00:00=old on:a@10:00:05+,p=old on:b@10:00:10+,p=old",
		}}, "p")
		if got.outcome != "p complete old #7" || len(got.asked) < 5 {
			t.Errorf("%s after %d looks", got.outcome, len(got.asked))
		}
	})
	t.Run("the clock of one is an hour behind, and it checks in after ten seconds", func(t *testing.T) {
		got := run(t, sequence{before + " on:b@09:00:00,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@09:00:00,p=old",
			staged + "on:a@10:00:03+,p=new on:b@09:00:00,p=old", staged + "on:a@10:00:03+,p=new on:b@09:00:00,p=old",
			staged + "on:a@10:00:03+,p=new on:b@09:00:00,p=old", staged + "on:a@10:00:03+,p=new on:b@09:00:10+,p=new",
		}}, "p")
		if got.outcome != "p complete new #7" || len(got.asked) != 5 || len(got.state.Hosts(follow.Down)) > 0 {
			t.Errorf("%s after %d looks, down: %v", got.outcome, len(got.asked), got.state.Hosts(follow.Down))
		}
	})
	t.Run("one that is down is named", func(t *testing.T) {
		got := run(t, sequence{before + " on:b@08:00:00,p=old", 3 * second, "reset", []string{
			seen + before + " on:b@08:00:00,p=old", staged + "on:a@10:00:03+,p=new on:b@08:00:00,p=old",
		}}, "p")
		if down := got.state.Hosts(follow.Down); len(down) != 1 || down[0] != "b" || got.took < 30*second || got.took > 40*second {
			t.Errorf("%s after %s, down: %v", got.outcome, got.took, down)
		}
	})
	t.Run("no check-in is waited for half a minute", func(t *testing.T) {
		got := run(t, sequence{"", 0, "reset", []string{"new:p@10:00:00#7 on:a@never", staged + "on:a@never"}}, "p")
		if got.took < 30*second || got.took > 40*second {
			t.Errorf("%s after %s", got.outcome, got.took)
		}
	})
}

// Rule 6.
func TestDeploymentOfAllNeedsEvidenceForEach(t *testing.T) {
	two := "staged:p@09:00:00=old staged:q@09:00:00=old on:a@10:00:00+,p=old,q=old "
	outcomes{
		"somebody deploys another": {sequence{two, second, "reset", []string{
			two + "queued:testing@10:00:01#9", two, two + "staged:testing@10:00:02=t on:a@10:00:03+,p=old,q=old,testing=t",
		}}, "", "unknown: p; q; testing lost #9"},
		"the same after 503": {sequence{two, second / 10, "503", []string{
			two + "queued:testing@10:00:01#9", two, two + "staged:testing@10:00:02=t on:a@10:00:03+,p=old,q=old,testing=t",
		}}, "", "unknown: p; q; testing lost #9"},
		"the same after a restart that forgets what was staged": {sequence{two, second, "reset", []string{
			"down", "down", "queued:testing@10:00:01#1 staged:old@08:00:00=o on:a@10:00:03,p=old,q=old",
			"staged:testing@10:00:09=t on:a@10:00:10+,p=old,q=old,testing=t",
		}}, "", "unknown: p; q; testing"},
		"the server lists branches first": {sequence{two, 2 * second, "reset", append(
			repeat(two, 15),
			two+"queued:p@10:00:40#1 queued:q@10:00:40#2",
			"staged:p@10:00:45=pp staged:q@10:00:45=qq on:a@10:00:50+,p=pp,q=qq",
		)}, "", "p complete pp #1; q complete qq #2"},
		"nothing happens":                      {sequence{two, 2 * second, "reset", []string{two}}, "", "unknown: p; q"},
		"an empty estate, and nothing happens": {sequence{"", 2 * second, "reset", []string{""}}, "", "unknown: "},
		"a branch is gone": {sequence{two, 2 * second, "reset", []string{
			two + "queued:p@10:00:00#1", "staged:p@10:00:01=pp on:a@10:00:05+,p=pp",
		}}, "", "p complete pp #1"},
		"a branch is gone, and another deployment goes on": {sequence{two, 2 * second, "reset", append(
			append([]string{two + "queued:p@10:00:00#1"}, repeat("queued:p@10:00:00#1 staged:p@09:00:00=old on:a@10:00:03+,p=old", 3)...),
			"staged:p@10:00:06=pp on:a@10:00:09+,p=pp",
		)}, "", "p complete pp #1"},
		"a branch is gone, and comes back": {sequence{two, 2 * second, "reset", []string{
			two + "queued:p@10:00:00#1", "queued:p@10:00:00#1 staged:p@09:00:00=old on:a@10:00:03+,p=old",
			two + "queued:p@10:00:00#1", "staged:q@09:00:00=old staged:p@10:00:05=pp on:a@10:00:09+,p=pp,q=old",
		}}, "", "unknown: p complete pp #1; q"},
		"a branch may be gone, over a gap": {sequence{two, 2 * second, "reset", []string{
			two + "queued:p@10:00:00#1", "down", "staged:p@10:00:05=pp on:a@10:00:07+,p=pp",
		}}, "", "unknown: p complete pp #1; q"},
		"only a compiler that is down still has it": {sequence{"staged:p@09:00:00=old on:a@10:00:00+,p=old on:b@08:00:00,p=old,gone=g", 2 * second, "reset", []string{
			"queued:p@10:00:00#1 staged:p@09:00:00=old on:a@10:00:00+,p=old on:b@08:00:00,p=old,gone=g",
			"staged:p@10:00:01=pp on:a@10:00:05+,p=pp on:b@08:00:00,p=old,gone=g",
		}}, "", "p complete pp #1"},
		"only compilers have it": {sequence{"on:a@10:00:00+,p=old", 2 * second, "reset", []string{
			"queued:p@10:00:00#1 on:a@10:00:00+,p=old", "staged:p@10:00:01=pp on:a@10:00:05+,p=pp",
		}}, "", "p complete pp #1"},
		"only compilers have it, and nothing happens": {sequence{"on:a@10:00:00+,p=old", 2 * second, "reset", []string{
			"on:a@10:00:00+,p=old", "staged:testing@10:00:04=t on:a@10:00:00+,p=old,testing=t",
		}}, "", "unknown: p; testing"},
	}.run(t)
}

func repeat(line string, times int) []string {
	return strings.Split(strings.Repeat(line+"\n", times-1)+line, "\n")
}

// A pause of this process is a gap, and a gap that is not brief cannot be bridged: the failure may have
// expired meanwhile.
func TestPausesAreGaps(t *testing.T) {
	seen, kept, fresh := "deploying:p@10:00:00.100#7 "+before, "staged:p@09:00:00=old on:a@10:00:40+,p=old", "staged:p@10:00:30=new on:a@10:00:40,p=new"
	others := " deploying:q@09:59:00#5"
	outcomes{
		"a redeployment, and no pause":         {sequence{before, 30 * second, "reset", []string{seen, seen, kept, kept + " on:a@10:00:45+,p=old"}}, "p", "p complete old #7"},
		"suspended, and the date is the old":   {sequence{before, 30 * second, "reset", []string{seen, seen, "suspended:1m " + kept, kept}}, "p", "unknown: p lost #7"},
		"suspended, and the date is new":       {sequence{before, 30 * second, "reset", []string{seen, seen, "suspended:1m " + fresh}}, "p", "p complete new #7"},
		"suspended for longer than 15 minutes": {sequence{before, 30 * second, "reset", []string{seen, seen, "suspended:16m " + fresh}}, "p", "unknown: p lost #7"},
		"suspended, and another's is queued all the time": {sequence{before + others, 30 * second, "reset", []string{
			seen + others, seen + others, "suspended:1m " + kept + others, kept + others + " on:a@10:00:45+,p=old",
		}}, "p", "p complete old #7"},
		"suspended for long, and another's is queued all the time": {sequence{before + others, 30 * second, "reset", []string{
			seen + others, seen + others, "suspended:16m " + kept + others, kept + others,
		}}, "p", "unknown: p lost #7"},
		"suspended before ours is seen": {sequence{before, 30 * second, "reset", []string{
			before, "suspended:1m deploying:p@10:00:01#7 " + before, fresh,
		}}, "p", "unknown: p"},
		"a look that takes half a minute": {sequence{before, 90 * second, "reset", []string{seen, seen, "slow:29s " + kept, kept}}, "p", "unknown: p lost #7"},
	}.run(t)
}

// After a failed look of any kind, another look follows.
func TestFailedLooks(t *testing.T) {
	for _, failed := range []string{
		"429", "429/7", "408", "404", "405", "421", "302", "500", "502", "503", "504", "524", "html", "nothing", "down",
		"null:deploys", "null:deploying", "null:new", "null:queued", "null:failed", "null:storage",
	} {
		t.Run(strings.ReplaceAll(failed, "/", " after "), func(t *testing.T) {
			looks := []string{
				"deploying:p@10:00:00.100#7 " + before, "deploying:p@10:00:00.100#7 " + before,
				failed, "staged:p@10:00:03=new on:a@10:00:08,p=new",
			}
			if got := run(t, sequence{before, 2 * second, "reset", looks}, "p"); got.outcome != "p complete new #7" {
				t.Errorf("a new date: got %q", got.outcome)
			}
			kept := "staged:p@09:00:00=old on:a@10:00:08+,p=old"
			if strings.HasPrefix(failed, "null:") {
				looks[2] = "staged:p@09:00:00=old on:a@10:00:05+,p=old " + failed
			}
			looks[3] = kept
			if got := run(t, sequence{before, 30 * second, "reset", append(looks, kept)}, "p"); got.outcome != "unknown: p lost #7" {
				t.Errorf("a kept date: got %q", got.outcome)
			}
		})
	}
	outcomes{
		"a failed look while the request is held": {sequence{before, 30 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "503", before, "staged:p@09:00:00=old on:a@10:00:08+,p=old",
		}}, "p", "unknown: p lost #7"},
		"an entry without a name may be ours": {sequence{before, 30 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "deploying:@10:00:00.100#7 " + before, "staged:p@09:00:00=old on:a@10:00:08+,p=old",
		}}, "p", "unknown: p lost #7"},
		"an entry without a name, and a new date": {sequence{before, 30 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "failed:@10:00:00.100#7 staged:p@10:00:03=new on:a@10:00:08,p=new",
			"staged:p@10:00:03=new on:a@10:00:08,p=new",
		}}, "p", "p complete new #7"},
		"no compilers because their object is null": {sequence{before, 5 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "staged:p@10:00:02=new null:clients",
			"staged:p@10:00:02=new null:clients", "staged:p@10:00:02=new on:a@10:00:10,p=new",
		}}, "p", "p complete new #7"},
		"no compilers, because their object is null in every look": {sequence{"staged:p@09:00:00=old null:clients", 5 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old null:clients", "staged:p@10:00:02=new null:clients",
		}}, "p", "unknown: p"},
		"refused while the request is held": {sequence{before, 20 * second, "p complete", []string{"401"}}, "p", "p complete"},
		"refused, and the request has ended": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 " + before, "deploying:p@10:00:00.100#7 " + before, "403",
		}}, "p", "unknown: p deploying #7"},
	}.run(t)
	t.Run("Retry-After is kept", func(t *testing.T) {
		got := run(t, sequence{before, 50 * second, "p complete", []string{"429/30", before}}, "p")
		if wait := got.asked[1] - got.asked[0]; wait != 30*second {
			t.Errorf("asked again after %s", wait)
		}
	})
}

// Rule 7.
func TestUnknownOutcomeAfterLimits(t *testing.T) {
	theirs := before + " queued:p@09:59:00#3"
	held := time.Hour * 3
	for name, test := range map[string]struct {
		seq      sequence
		names    string
		want     string
		from, to time.Duration
	}{
		"no trace for 5 s":                         {sequence{before, second, "reset", []string{before}}, "p", "unknown: p", 5 * second, 7 * second},
		"other people's entries extend nothing":    {sequence{theirs, second, "reset", []string{theirs}}, "p", "unknown: p", 5 * second, 7 * second},
		"new entries of others extend nothing":     {sequence{before, second, "reset", []string{before + " new:q@10:00:02#8"}}, "p", "unknown: p", 5 * second, 7 * second},
		"no trace for 90 s with all":               {sequence{before, second, "reset", []string{before}}, "", "unknown: p", 90 * second, 92 * second},
		"failed looks decide nothing":              {sequence{before, second, "reset", append(repeat("down", 100), before)}, "p", "unknown: p", 470 * second, 600 * second},
		"held for 15 minutes with nothing":         {sequence{before, held, "reset", []string{before}}, "p", "unknown: p", 15 * time.Minute, 15*time.Minute + 6*second},
		"held for 15 minutes after it was lost":    {sequence{before, held, "reset", append(repeat(before+" queued:p@10:00:00#7", 10), "down", before)}, "p", "unknown: p lost #7", 15 * time.Minute, 16 * time.Minute},
		"held, and it is settled for 30 s":         {sequence{before, held, "reset", []string{before + " queued:p@10:00:00#7", "staged:p@10:00:02=new on:a@10:00:03,p=new"}}, "p", "p complete new #7", 31 * second, 40 * second},
		"503, and no look was ever answered":       {sequence{"down", second, "503", []string{"down"}}, "p", "unknown: p", second, second},
		"502, and no look was ever answered":       {sequence{"502", second, "502", []string{"502"}}, "p", "unknown: p", second, second},
		"504, and no look was ever answered":       {sequence{"down", second, "504", []string{"down"}}, "p", "unknown: p", second, second},
		"503, and looks were answered before":      {sequence{before, second, "503", []string{"down"}}, "p", "unknown: p", time.Hour, time.Hour + 10*second},
		"out of reach for an hour":                 {sequence{before, second, "reset", []string{"down"}}, "p", "unknown: p", time.Hour, time.Hour + 10*second},
		"404 to every look":                        {sequence{"404", second, "reset", []string{"404"}}, "p", "unknown: p", second, second},
		"HTML to every look":                       {sequence{"html", second, "504", []string{"html"}}, "p", "unknown: p", second, second},
		"405 to every look, the request held":      {sequence{"405", 10 * time.Minute, "p complete", []string{"405"}}, "p", "p complete", 10 * time.Minute, 10 * time.Minute},
		"404 to looks after one that was answered": {sequence{before, second, "reset", []string{"404"}}, "p", "unknown: p", time.Hour, time.Hour + 10*second},
		"it never reaches the compilers":           {sequence{before, second, "reset", []string{before + " queued:p@10:00:00#7", "staged:p@10:00:02=new on:a@10:00:03,p=old"}}, "p", "unknown: p syncing #7", time.Hour, time.Hour + 10*second},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, test.seq, strings.Fields(test.names)...)
			if got.outcome != test.want || got.took < test.from || got.took > test.to {
				t.Errorf("%q after %s, want %q after %s to %s", got.outcome, got.took, test.want, test.from, test.to)
			}
			unknown, ok := errors.AsType[*follow.UnknownError](got.err)
			if syncing := strings.Contains(test.want, "syncing"); ok && syncing != strings.Contains(unknown.Reason, "not all compilers") {
				t.Errorf("reason %q", unknown.Reason)
			}
		})
	}
}
