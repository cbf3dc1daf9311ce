package follow_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// TestModel runs random sequences against a server that knows the truth: a success is one, a failure
// is ours, and what --expect says is true. FOLLOW_SEEDS is the number of sequences.
func TestModel(t *testing.T) {
	const parts = 4
	seeds := seeds(1000)
	counts := make([]map[string]int, parts)
	t.Run("seeds", func(t *testing.T) {
		for part := range uint64(parts) {
			counts[part] = map[string]int{}
			t.Run(strconv.FormatUint(part, 10), func(t *testing.T) {
				t.Parallel()
				for seed := part; seed < seeds && !t.Failed(); seed += parts {
					counts[part][checkSeed(t, seed)]++
				}
			})
		}
	})
	sum := map[string]int{}
	for _, c := range counts {
		for outcome, n := range c {
			sum[outcome] += n
		}
	}
	t.Log(seeds, "sequences:", sum)
}

// seeds is the number of sequences: FOLLOW_SEEDS, or the default.
func seeds(most uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("FOLLOW_SEEDS"), 10, 64); err == nil {
		return n
	}
	return most
}

// FuzzModel goes on with more of them.
func FuzzModel(f *testing.F) {
	f.Fuzz(func(t *testing.T, seed uint64) { checkSeed(t, seed) })
}

func checkSeed(t *testing.T, seed uint64) (kind string) {
	t.Helper()
	keepGoing := os.Getenv("FOLLOW_COUNT") != ""
	synctest.Test(t, func(t *testing.T) {
		m := newModel(rand.New(rand.NewPCG(seed, 0)))
		p := m.plan
		list, state, err := m.run(t)
		kind = kindOf(list, err)
		problem, limit := m.judge(list, state, err)
		switch {
		case problem == "":
		case limit != "":
			kind = "known limit: " + limit
		case keepGoing:
			kind = "FALSE " + kind
		default:
			t.Errorf("seed %d: %s\nplan %+v\noutcome %q, %v after %s\n%s", seed, problem, p, outcome(list, state, err), err, m.since(), m.history())
			for _, e := range state.Environments {
				t.Errorf("%s: %s by %s", e.Name, e.Status, e.Evidence)
			}
		}
	})
	return kind
}

// run deploys. A wait without an end is an error.
func (m *model) run(t *testing.T) ([]codemanager.Deployment, *follow.State, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Hour)
	defer cancel()
	req := codemanager.DeployRequest{Environments: m.environments, DeployAll: m.plan.all}
	list, state, err := follow.Deploy(ctx, m, req, follow.Options{Observe: m.observe, Wall: m.wall})
	m.Lock()
	m.advance()
	m.Unlock()
	return list, state, err
}

func kindOf(list []codemanager.Deployment, err error) string {
	if unknown, ok := errors.AsType[*follow.UnknownError](err); ok {
		if os.Getenv("FOLLOW_REASONS") != "" {
			return "8 " + unknown.Reason
		}
		return "8"
	}
	if err != nil {
		return fmt.Sprintf("%T", err)
	}
	for _, d := range list {
		if d.Status == codemanager.StatusFailed {
			return "3"
		}
	}
	return "0"
}

// judge compares an outcome with the truth. If it is false, limit is the known limit that explains it,
// "" for none.
func (m *model) judge(list []codemanager.Deployment, state *follow.State, err error) (problem, limit string) {
	if _, unfinished := errors.AsType[*follow.UnfinishedError](err); unfinished {
		return "the wait has no end", ""
	}
	if err != nil || m.answered {
		return "", ""
	}
	listed := map[string]bool{}
	for _, d := range list {
		listed[d.Environment] = true
		if problem := m.falsehood(d); problem != "" {
			return problem, m.limit(d.Environment)
		}
	}
	for _, name := range m.environments {
		if !listed[name] && name != m.gone {
			return name + " is not in the outcome", m.limit(name)
		}
	}
	if e := state.Environment(m.environments[0]); e != nil && kindOf(list, err) == "0" && listed[e.Name] {
		if met, known := meets(state, *e, m.live); known && met != (m.live != "") {
			return fmt.Sprintf("--expect %q is %t, which is not so", m.live, met), ""
		}
	}
	return "", ""
}

// falsehood is what is wrong with one environment of an outcome.
func (m *model) falsehood(d codemanager.Deployment) string {
	j := m.ours[d.Environment]
	switch {
	case j == nil:
		return d.Environment + " was never queued"
	case d.Status == codemanager.StatusFailed && (!j.fails || j.version > 0 || j.at.IsZero()):
		return d.Environment + " did not fail"
	case d.Status == codemanager.StatusComplete && j.version == 0:
		return d.Environment + " was not staged"
	case d.Status == codemanager.StatusComplete && !m.shownEverywhere(j):
		return d.Environment + " is not on all compilers"
	default:
		return ""
	}
}

// limit is the known limit of docs/inside/following.md that explains a false outcome of an
// environment.
func (m *model) limit(name string) string {
	if m.unnoticed {
		return "a restart that no look notices"
	}
	ours := m.ours[name]
	for _, j := range m.all {
		switch {
		case j.environment != name || j.mine:
		case j.early && (ours == nil || ours.shown == 0 || j.shown < ours.shown):
			return "somebody's entry that shows before ours"
		case ours != nil && j.queuedAt.Equal(ours.queuedAt) && (!m.ids || m.lateIDs):
			return "the same queued-at, and no ids"
		case ours != nil && (ours.lost || ours.fails && m.restarted && !m.survives) && j.version > 0 && j.shown == 0:
			return "ours is lost, and somebody's begins and ends unseen"
		}
	}
	return ""
}

// shownEverywhere reports whether every compiler that a look had shown had a staging at some time, or a
// later one: a restarted server may forget it again.
func (m *model) shownEverywhere(j *job) bool {
	for _, c := range m.compilers {
		if !c.dead && c.everShown && c.had[j.environment] < j.version {
			return false
		}
	}
	return true
}

// history is what happened, for a person.
func (m *model) history() string {
	var b strings.Builder
	for _, j := range m.all {
		fmt.Fprintf(&b, "%s mine=%t queued %s fails=%t version=%d at %s lost=%t shown=%d early=%t\n", j.environment, j.mine,
			j.queuedAt.Add(-m.skew).Sub(m.sent), j.fails, j.version, j.at.Sub(m.sent), j.lost, j.shown, j.early)
	}
	return b.String()
}
