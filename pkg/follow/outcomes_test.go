package follow_test

import (
	"testing"
	"time"
)

// second keeps the tables short.
const second = time.Second

// before is an estate with p staged an hour ago, and one compiler that has it.
const before = "staged:p@09:00:00=old on:a@09:59:58+,p=old"

func TestOutcomes(t *testing.T) {
	outcomes{
		"deployed while the connection was gone": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"staged:p@10:00:03=new on:a@10:00:03.500,p=old",
			"staged:p@10:00:03=new on:a@10:00:04.500,p=new",
		}}, "p", "p complete new #7"},

		"failed while the connection was gone": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"failed:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
		}}, "p", "p failed #7 (failure of 10:00:00.100)"},

		"failures from before do not count": {sequence{
			"failed:p@09:30:00#3 failed:q@09:59:59#6 staged:p@09:00:00=old staged:q@09:00:00=old on:a@10:00:00,p=old,q=old",
			2 * second, "reset",
			[]string{
				"failed:p@09:30:00#3 failed:q@09:59:59#6 deploying:p@10:00:00.100#7 queued:q@10:00:00.100#8 staged:p@09:00:00=old staged:q@09:00:00=old on:a@10:00:00.900,p=old,q=old",
				"failed:p@09:30:00#3 failed:q@09:59:59#6 staged:p@10:00:02=new staged:q@10:00:02=new on:a@10:00:03,p=new,q=new",
			},
		}, "p q", "p complete new #7; q complete new #8"},

		"a new failure, never seen in the queue": {sequence{before, 2 * second, "reset", []string{
			"failed:p@10:00:00.050#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		}}, "p", "p failed #7 (failure of 10:00:00.050)"},

		"the same without ids": {sequence{before + " failed:p@09:59:50", 2 * second, "reset", []string{
			"failed:p@09:59:50 failed:p@10:00:00.050 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		}}, "p", "p failed (failure of 10:00:00.050)"},

		"servers without ids": {sequence{before + " failed:p@09:30:00", 2 * second, "reset", []string{
			"failed:p@09:30:00 deploying:p@10:00:00.100 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"failed:p@09:30:00 staged:p@10:00:02=new on:a@10:00:03,p=new",
		}}, "p", "p complete new"},

		"the same commit again, with a new date": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"staged:p@10:00:01=old on:a@10:00:03,p=old",
		}}, "p", "p complete old #7"},

		"the same commit again, with the old date": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900+,p=old",
			"staged:p@09:00:00=old on:a@10:00:01+,p=old",
			"staged:p@09:00:00=old on:a@10:00:04+,p=old",
		}}, "p", "p complete old #7"},

		"staged in the same second as queued": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.900#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"staged:p@10:00:00=new on:a@10:00:03+,p=new", "staged:p@10:00:00=new on:a@10:00:08+,p=new",
		}}, "p", "p complete new #7"},

		"the same, after half a minute without a network": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.900#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"down",
			"staged:p@10:00:00=new on:a@10:00:30,p=new",
		}}, "p", "unknown: p lost #7"},

		"ids tell apart what times do not": {sequence{"deploying:p@10:00:00.100#6 " + before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 failed:p@10:00:00.100#6 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@10:00:00.100#7 failed:p@10:00:00.100#6 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"deploying:p@10:00:00.100#7 failed:p@10:00:00.100#6 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"failed:p@10:00:00.100#6 staged:p@10:00:02=new on:a@10:00:03+,p=new", "staged:p@10:00:02=new on:a@10:00:07+,p=new",
		}}, "p", "p complete new #7"},

		"a deployment of before that still runs": {sequence{"deploying:p@09:59:50#6 " + before, 9 * second, "reset", []string{
			"deploying:p@09:59:50#6 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@09:59:50#6 queued:p@10:00:05#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"deploying:p@10:00:05#7 failed:p@09:59:50#6 staged:p@09:00:00=old on:a@10:00:04,p=old",
			"failed:p@09:59:50#6 staged:p@10:00:08=new on:a@10:00:09+,p=new", "staged:p@10:00:08=new on:a@10:00:15+,p=new",
		}}, "p", "p complete new #7"},

		"queued and deploying at once": {sequence{"deploying:p@09:59:58#6 " + before, 2 * second, "reset", []string{
			"deploying:p@09:59:58#6 queued:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"deploying:p@10:00:00.100#7 failed:p@09:59:58#6 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"deploying:p@10:00:00.100#7 failed:p@09:59:58#6 staged:p@09:00:00=old on:a@10:00:02,p=old",
			"failed:p@09:59:58#6 staged:p@10:00:04=new on:a@10:00:05+,p=new", "staged:p@10:00:04=new on:a@10:00:12+,p=new",
		}}, "p", "p complete new #7"},

		"a compiler that never checked in, beside one that did": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 on:a@10:00:00.900 on:b@never",
			"staged:p@10:00:02=new on:a@10:00:03,p=new on:b@never",
		}}, "p", "p complete new #7"},

		"no compilers": {sequence{"", 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7",
			"staged:p@10:00:02=new",
		}}, "p", "p complete new #7"},

		"all: one is over before any look shows it": {sequence{"staged:p@09:00:00=o staged:q@09:00:00=o", second / 2, "reset", []string{
			"staged:p@10:00:00=pp staged:q@09:00:00=o on:a@10:00:00.500,p=pp",
			"queued:q@10:00:01#9 staged:q@09:00:00=o staged:p@10:00:00=pp on:a@10:00:01.500,p=pp",
			"staged:q@10:00:02=qq staged:p@10:00:00=pp on:a@10:00:03.500,p=pp,q=qq",
		}}, "", "unknown: p; q complete qq #9"},

		"all: new environments and failures of before": {sequence{"failed:old@09:59:00#1", 4 * second, "reset", []string{
			"failed:old@09:59:00#1 on:a@10:00:00.900",
			"queued:q@10:00:01#9 deploying:p@10:00:01#8 failed:old@09:59:00#1 failed:early@10:00:01#7 on:a@10:00:02",
			"staged:p@10:00:03=pp staged:q@10:00:04=qq failed:old@09:59:00#1 failed:early@10:00:01#7 on:a@10:00:05,p=pp,q=qq",
		}}, "", "early failed #7 (failure of 10:00:01); p complete pp #8; q complete qq #9"},

		"half a minute without a network": {sequence{before, 2 * second, "reset", []string{
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
			"down", "down", "502", "down", "down", "down", "down",
			"staged:p@10:00:20=new on:a@10:00:35,p=new",
		}}, "p", "p complete new #7"},

		"the same commit again over half a minute without a network": {sequence{before, 2 * second, "reset", []string{
			"queued:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900+,p=old",
			"down", "down", "down", "down",
			"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:20+,p=old",
			"staged:p@09:00:00=old on:a@10:00:25+,p=old",
			"staged:p@09:00:00=old on:a@10:00:30+,p=old",
		}}, "p", "p complete old #7"},

		"the name of a branch": {sequence{"", 2 * second, "reset", []string{
			"failed:feature/x@10:00:00.100#7 on:a@10:00:00.900",
		}}, "feature/x", "feature/x failed #7 (failure of 10:00:00.100)"},
	}.run(t)
}

// The error of the request is not the error of the deployment.
func TestEndsOfTheRequest(t *testing.T) {
	looks := []string{
		"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:00.900,p=old",
		"deploying:p@10:00:00.100#7 staged:p@09:00:00=old on:a@10:00:02,p=old",
		"staged:p@10:00:03=new on:a@10:00:04,p=new",
	}
	for _, end := range []string{"reset", "500", "502", "503", "504", "408", "524", "504json", "html", "302"} {
		t.Run(end, func(t *testing.T) {
			if got := run(t, sequence{before, 2 * second, end, looks}, "p"); got.outcome != "p complete new #7" {
				t.Errorf("got %q", got.outcome)
			}
		})
	}
	for _, end := range []string{"collect", "401", "refused"} {
		t.Run(end, func(t *testing.T) {
			if got := run(t, sequence{before, 2 * second, end, looks}, "p"); got.err != endings[end] { //nolint:errorlint // the very same
				t.Errorf("got %v", got.err)
			}
		})
	}
	for _, end := range []string{"500", "502", "504", "524", "408", "504json"} {
		t.Run(end+" from an address where nothing else answers", func(t *testing.T) {
			if got := run(t, sequence{"404", 2 * second, end, []string{"404"}}, "p"); got.outcome != "unknown: p" {
				t.Errorf("got %q", got.outcome)
			}
		})
	}
	for _, end := range []string{"html", "302"} {
		t.Run(end+" from an address where nothing else answers", func(t *testing.T) {
			if got := run(t, sequence{"404", 2 * second, end, []string{"404"}}, "p"); got.err != endings[end] { //nolint:errorlint // the very same
				t.Errorf("got %v", got.err)
			}
		})
	}
}

// An answer that does not have an outcome for each environment decides nothing (rule 1).
func TestAnswersThatDoNotDecide(t *testing.T) {
	looks := []string{
		"deploying:p@10:00:00.100#7 queued:q@10:00:00.100#8 on:a@10:00:01", "deploying:p@10:00:00.100#7 queued:q@10:00:00.100#8 on:a@10:00:01",
		"deploying:p@10:00:00.100#7 queued:q@10:00:00.100#8 on:a@10:00:02",
		"staged:p@10:00:05=pp failed:q@10:00:00.100#8 on:a@10:00:06,p=pp",
	}
	for _, end := range []string{"p queued;q complete", "p complete;q deploying", "p complete", "p failed", "q paused;p complete", "r complete"} {
		t.Run(end, func(t *testing.T) {
			got := run(t, sequence{"on:a@10:00:00", 2 * second, end, looks}, "p", "q")
			if want := "p complete pp #7; q failed #8 (failure of 10:00:00.100)"; got.outcome != want {
				t.Errorf("got %q, want %q", got.outcome, want)
			}
		})
	}
}

func TestServersAnswerTakesPrecedence(t *testing.T) {
	got := run(t, sequence{before, 90 * second, "p complete new", []string{"deploying:p@10:00:00.100#7 on:a@10:00:00.900"}}, "p")
	if got.outcome != "p complete new" || got.took != 90*second {
		t.Errorf("%s after %s", got.outcome, got.took)
	}
}
