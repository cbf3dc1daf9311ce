package output

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Screen is what a live view has room for.
type Screen struct {
	// Width and Height are in columns and lines.
	Width, Height int
	Style         Style
}

// leastEnvironments is how many environments a view shows on the smallest screen.
const leastEnvironments = 3

// Frame is the live view of a deployment: a line for each environment that is
// under way or failed, as many as fit, the rest counted; how many compilers
// are in sync; how long it takes so far. With no progress it says what it
// waits for. Every line fits the screen.
func Frame(p *follow.State, screen Screen, elapsed time.Duration, now time.Time) []string {
	title := "Waiting for Code Manager, " + Clock(elapsed)
	if p == nil {
		return []string{fit(title, screen.Width)}
	}
	shown, rest := visible(p.Environments, max(screen.Height-5, leastEnvironments))
	lines := []string{title}
	name := 0
	for _, e := range shown {
		name = max(name, text.StringWidthWithoutEscSequences(CleanLine(e.Name)))
	}
	name = min(name, max(screen.Width-40, leastNameWidth))
	for _, e := range shown {
		lines = append(lines, environmentLine(e, name, screen.Style, now))
	}
	if rest != "" {
		lines = append(lines, "  "+rest)
	}
	if len(p.Compilers) > 0 {
		lines = append(lines, compilersLine(p))
	}
	for i := range lines {
		lines[i] = fit(lines[i], screen.Width)
	}
	return lines
}

func environmentLine(e follow.Environment, name int, style Style, now time.Time) string {
	word := style.colored(e.Status, text.Pad(CleanLine(string(e.Status)), len(codemanager.StatusDeploying), ' '))
	line := "  " + text.Pad(text.Snip(CleanLine(e.Name), name, "…"), name, ' ') + gap + word + gap
	if !e.Seen.IsZero() {
		line += fmt.Sprintf("%6s", Clock(now.Sub(e.Seen)))
	}
	switch {
	case e.Error != nil:
		line += gap + Reason(codemanager.Deployment{Environment: e.Name, Error: e.Error})
	case e.Signature != "":
		line += gap + shorten(CleanLine(e.Signature), shortSignature)
	}
	return strings.TrimRight(line, " ")
}

// waitedFor is how many compilers are waited for.
func waitedFor(s *follow.State) int { return len(s.Compilers) - len(s.Hosts(follow.Down)) }

func compilersLine(s *follow.State) string {
	line := fmt.Sprintf("%d of %d compilers in sync", len(s.Hosts(follow.InSync)), waitedFor(s))
	if behind := append(s.Hosts(follow.Behind), s.Hosts(follow.Missing)...); len(behind) > 0 {
		line += "; behind: " + CleanLine(strings.Join(behind, ", "))
	}
	return line
}

// visible picks the environments to show, in their own order where all fit,
// and counts the others by status.
func visible(all []follow.Environment, room int) (shown []follow.Environment, rest string) {
	if len(all) <= room {
		return all, ""
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b follow.Environment) int {
		return follow.Urgency(a.Status) - follow.Urgency(b.Status)
	})
	counts := map[codemanager.Status]int{}
	var order []codemanager.Status
	for _, e := range sorted[room:] {
		if counts[e.Status] == 0 {
			order = append(order, e.Status)
		}
		counts[e.Status]++
	}
	words := make([]string, len(order))
	for i, status := range order {
		words[i] = fmt.Sprintf("%d %s", counts[status], CleanLine(string(orWaiting(status))))
	}
	return sorted[:room], "and " + strings.Join(words, ", ")
}

func orWaiting(status codemanager.Status) codemanager.Status {
	if status == "" {
		return "not seen yet"
	}
	return status
}

// fit cuts a line at the width of the screen, escape sequences not counted.
func fit(line string, width int) string {
	if width <= 0 {
		return line
	}
	return text.Snip(line, width, "…")
}

// Clock is a duration as a clock shows it: 0:07, 12:30, 1:02:03.
func Clock(d time.Duration) string {
	seconds := int(max(d, 0).Seconds())
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
