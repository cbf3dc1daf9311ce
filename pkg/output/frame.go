package output

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// leastNameWidth is the least width for the names in a view.
const leastNameWidth = 12

// leastEnvironments is how many environments a view shows even on the smallest screen.
const leastEnvironments = 3

// Frame is the live view of a wait. The first line has the number of finished environments and the
// elapsed time, the last line the number of compilers in sync. In between, each environment has a
// line, the most urgent first; those that do not fit are counted. Without a state, it is a single
// line. Every line fits the width of the style.
func Frame(state *follow.State, style Style, height int, elapsed time.Duration, now time.Time) []string {
	if state == nil {
		return []string{Fit("Reading the state of Code Manager, "+Duration(elapsed), style.Width)}
	}
	lines := []string{title(state, elapsed)}
	shown, rest := visible(state.Environments, max(height-5, leastEnvironments))
	name := 0
	for _, e := range shown {
		name = max(name, columns(style.line(e.Name)))
	}
	name = min(name, max(style.Width-40, leastNameWidth))
	for _, e := range shown {
		lines = append(lines, environmentLine(e, name, style, now))
	}
	if len(rest) > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more: %s", len(rest), countStatuses(rest, style)))
	}
	if len(state.Compilers) > 0 {
		lines = append(lines, compilersLine(state, style))
	}
	for i := range lines {
		lines[i] = Fit(lines[i], style.Width)
	}
	return lines
}

func title(state *follow.State, elapsed time.Duration) string {
	line, done, failed, all := "Waiting for Code Manager, "+Duration(elapsed), 0, state.Failed(), len(state.Environments)
	for _, e := range state.Environments {
		if follow.Settled(e.Status) || e.Status == follow.Live {
			done++
		}
	}
	if done == all { // and something else is waited for, such as a commit or the server's answer
		return line
	}
	line = fmt.Sprintf("%s, %d of %d done", line, done, all)
	if failed > 0 {
		line += fmt.Sprintf(", %d failed", failed)
	}
	return line
}

func environmentLine(e follow.Environment, name int, style Style, now time.Time) string {
	word := style.colored(e.Status, text.Pad(style.line(string(e.Status)), len(codemanager.StatusDeploying), ' '))
	line := "  " + text.Pad(text.Snip(style.line(e.Name), name, "…"), name, ' ') + between + word + between
	line += fmt.Sprintf("%6s", took(e, now))
	switch {
	case e.Error != nil:
		line += between + style.Reason(codemanager.Deployment{Environment: e.Name, Error: e.Error})
	case e.Signature != "":
		line += between + style.change(e)
	}
	return strings.TrimRight(line, " ")
}

// took is how long an environment has been in its status or, once it is finished, how long it
// took; "" if that is not known.
func took(e follow.Environment, now time.Time) string {
	switch {
	case e.Seen.IsZero():
		return ""
	case follow.InFlight(e.Status), e.Status == Deleting:
		return Duration(now.Sub(e.Seen))
	case e.Began.IsZero() || e.Began.Equal(e.Seen):
		return ""
	default:
		return Duration(e.Seen.Sub(e.Began))
	}
}

// compilersLine counts compilers. The orchestrator, which is a client of file sync too, does not count,
// but is named if it is behind.
func compilersLine(s *follow.State, style Style) string {
	all, down, inSync := 0, 0, 0
	for _, c := range s.Compilers {
		if strings.HasSuffix(c.Host, "-orchestrator") {
			continue
		}
		all++
		switch c.Standing {
		case follow.Down:
			down++
		case follow.InSync:
			inSync++
		case follow.Behind, follow.Missing:
		}
	}
	line := fmt.Sprintf("%d of %d compilers in sync", inSync, all-down)
	if all == down {
		line = fmt.Sprintf("not waiting for compilers: %d down", down)
	}
	if behind := append(s.Hosts(follow.Behind), s.Hosts(follow.Missing)...); len(behind) > 0 {
		line += "; behind: " + style.line(strings.Join(behind, ", "))
	}
	return line
}

// visible picks the environments to show, in their own order if all fit, and the rest.
func visible(all []follow.Environment, room int) (shown, rest []follow.Environment) {
	if len(all) <= room {
		return all, nil
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b follow.Environment) int {
		return follow.Urgency(a.Status) - follow.Urgency(b.Status)
	})
	return sorted[:room], sorted[room:]
}

// countStatuses counts environments by their status, the most urgent first.
func countStatuses(list []follow.Environment, style Style) string {
	counts := map[codemanager.Status]int{}
	for _, e := range list {
		counts[e.Status]++
	}
	order := slices.Collect(maps.Keys(counts))
	slices.SortFunc(order, func(a, b codemanager.Status) int {
		return cmp.Or(follow.Urgency(a)-follow.Urgency(b), cmp.Compare(a, b))
	})
	words := make([]string, len(order))
	for i, status := range order {
		words[i] = fmt.Sprintf("%d %s", counts[status], style.line(string(cmp.Or(status, "not seen yet"))))
	}
	return strings.Join(words, ", ")
}

// Fit cuts a line at the width of the screen, escape sequences not counted. A width of 0 leaves the
// line unchanged.
func Fit(line string, width int) string { return text.Snip(line, width, "…") }
