package output

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// How wide the columns are that do not depend on what is in them.
const (
	instantWidth = len("2006-01-02 15:04:05")
	ageWidth     = len("999 days")
	idWidth      = len("123456")
)

// DeploysStatus writes tables of the environments, the compilers and the
// failures of an overview; of those that there are.
func DeploysStatus(w io.Writer, style Style, o *codemanager.Overview) error {
	var parts []*table
	if len(o.Environments) > 0 {
		parts = append(parts, environmentsTable(style, o))
	}
	if len(o.Compilers) > 0 {
		parts = append(parts, compilersTable(style, o))
	}
	if len(o.Failures) > 0 {
		parts = append(parts, failuresTable(style, o))
	}
	if len(parts) == 0 {
		_, err := io.WriteString(w, "Nothing is deployed, and nothing under way.\n")
		return err
	}
	for i, part := range parts {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := part.write(w); err != nil {
			return err
		}
	}
	return nil
}

func environmentsTable(style Style, o *codemanager.Overview) *table {
	name, state := len("ENVIRONMENT"), len("STATE")
	for _, e := range o.Environments {
		name = max(name, columns(CleanLine(e.Name)))
		state = max(state, len(e.Status))
	}
	signature, limit := fullSignature, 0
	if style.Width > 0 {
		left := style.Width - state - instantWidth - ageWidth - 4*len(gap)
		if left-name < fullSignature {
			signature = shortSignature
		}
		limit = max(left-signature, leastNameWidth)
	}
	t := newTable(style, column{title: "ENVIRONMENT", limit: limit}, column{title: "STATE"}, column{title: "SIGNATURE"},
		column{title: "SINCE"}, column{title: "AGE"})
	for _, e := range o.Environments {
		t.add(CleanLine(e.Name), style.stage(e.Status), shorten(CleanLine(e.Signature), signature), instant(e.Since), ageOf(e.Since, o.Now))
	}
	return t
}

func compilersTable(style Style, o *codemanager.Overview) *table {
	limit := 0
	if style.Width > 0 {
		limit = max(style.Width-len("IN SYNC")-len("DIFFERENT")-instantWidth-ageWidth-4*len(gap), leastNameWidth)
	}
	t := newTable(style, column{title: "COMPILER", limit: limit}, column{title: "IN SYNC"}, column{title: "DIFFERENT", right: true},
		column{title: "LAST CHECK-IN"}, column{title: "AGE"})
	for _, c := range o.Compilers {
		sync, different, checkIn, age := style.Good("yes"), strconv.Itoa(c.Different), "never", ""
		switch {
		case c.Down:
			sync, different = style.Bad("down"), "?"
		case !c.InSync:
			sync = style.Busy("no")
		}
		if c.LastCheckIn != nil {
			checkIn, age = instant(*c.LastCheckIn), ageOf(*c.LastCheckIn, o.Now)
		}
		t.add(CleanLine(c.Host), sync, different, checkIn, age)
	}
	return t
}

func failuresTable(style Style, o *codemanager.Overview) *table {
	name := len("FAILURE")
	for _, f := range o.Failures {
		name = max(name, columns(CleanLine(f.Environment)))
	}
	limit := 0
	if style.Width > 0 {
		left := style.Width - instantWidth - idWidth - 3*len(gap)
		name = max(min(name, left-leastErrorWidth), leastNameWidth)
		limit = max(left-name, leastErrorWidth)
	}
	t := newTable(style, column{title: "FAILURE", limit: name}, column{title: "QUEUED AT"}, column{title: "ID", right: true},
		column{title: "ERROR", limit: limit, atWords: true})
	for _, f := range o.Failures {
		line := FailureLine(codemanager.Deployment{Environment: f.Environment, Error: f.Error})
		if f.Old {
			line = "(deployed since) " + line
		}
		t.add(CleanLine(f.Environment), instant(f.QueuedAt), codemanager.FormatID(f.ID), line)
	}
	return t
}

// stage is a status as a coloured word.
func (s Style) stage(status codemanager.Status) string {
	word := CleanLine(string(status))
	switch status {
	case codemanager.StatusComplete, codemanager.StatusLive:
		return s.Good(word)
	case codemanager.StatusFailed:
		return s.Bad(word)
	default:
		return s.Busy(word)
	}
}

// instant is a time of the server, in UTC and to the second, or what it wrote
// in the place of one.
func instant(t codemanager.Timestamp) string {
	if at, ok := t.Time(); ok {
		return at.UTC().Format("2006-01-02 15:04:05")
	}
	return CleanLine(string(t))
}

// ageOf is how long ago something was, by the server's clock, in its largest unit.
func ageOf(t codemanager.Timestamp, now time.Time) string {
	at, ok := t.Time()
	if !ok || now.IsZero() {
		return ""
	}
	switch d := max(now.Sub(at), 0); {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// OverviewFrame is the live view of an overview: what is under way or failed,
// as much as fits, the rest counted. With none it says what it waits for.
func OverviewFrame(o *codemanager.Overview, style Style, height int, elapsed time.Duration) []string {
	title := "Watching Code Manager, " + Clock(elapsed)
	if o == nil {
		return []string{fit(title, style.Width)}
	}
	shown, rest := busiest(o.Environments, max(height-len(o.Compilers)-8, leastEnvironments))
	part := *o
	part.Environments, part.Failures = shown, nil
	if len(o.Compilers) > height/2 {
		part.Compilers = nil
	}
	var b strings.Builder
	_ = DeploysStatus(&b, style, &part)
	lines := append([]string{title, ""}, strings.Split(strings.TrimRight(b.String(), "\n"), "\n")...)
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", rest))
	}
	for i := range lines {
		lines[i] = fit(lines[i], style.Width)
	}
	return lines
}

func busiest(all []codemanager.EnvironmentState, room int) (shown []codemanager.EnvironmentState, rest int) {
	if len(all) <= room {
		return all, 0
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b codemanager.EnvironmentState) int { return urgency(a.Status) - urgency(b.Status) })
	return sorted[:room], len(all) - room
}

// OverviewChanges writes a line for each environment whose state changes, and
// for each one that is under way at the first look.
type OverviewChanges struct {
	line func(string)
	last map[string]codemanager.Status
}

// NewOverviewChanges gives each line to line, without its end.
func NewOverviewChanges(line func(string)) *OverviewChanges { return &OverviewChanges{line: line} }

// Show takes the next overview.
func (c *OverviewChanges) Show(o *codemanager.Overview) {
	first := c.last == nil
	if first {
		c.last = map[string]codemanager.Status{}
	}
	for _, e := range o.Environments {
		settled := !e.Status.InFlight() && e.Status != codemanager.StatusSyncing
		if e.Status != c.last[e.Name] && (!first || !settled) {
			line := e.Name + " is " + string(e.Status)
			if settled && e.Signature != "" {
				line += " at " + shorten(e.Signature, shortSignature)
			}
			c.line(CleanLine(line))
		}
		c.last[e.Name] = e.Status
	}
}
