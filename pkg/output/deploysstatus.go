package output

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// DeploysStatus writes tables of the environments, the compilers and the
// failures of an overview; of those that there are.
func DeploysStatus(w io.Writer, style Style, o *codemanager.Overview) error {
	var parts []string
	if len(o.Environments) > 0 {
		parts = append(parts, environmentsTable(style, o).Render())
	}
	if len(o.Compilers) > 0 {
		parts = append(parts, compilersTable(style, o).Render())
	}
	if len(o.Failures) > 0 {
		parts = append(parts, failuresTable(style, o).Render())
	}
	if len(parts) == 0 {
		parts = []string{"Nothing is deployed, and nothing under way."}
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

func environmentsTable(style Style, o *codemanager.Overview) table.Writer {
	t := newTable()
	t.AppendHeader(header(style, "ENVIRONMENT", "STATE", "SIGNATURE", "SINCE", "AGE"))
	name, state := len("ENVIRONMENT"), len("STATE")
	for _, e := range o.Environments {
		name = max(name, text.StringWidthWithoutEscSequences(CleanLine(e.Name)))
		state = max(state, len(e.Status))
	}
	const since, age = len("2006-01-02 15:04:05"), 8
	signature := fullSignature
	if style.Width > 0 {
		left := style.Width - state - since - age - 4*len(gap)
		if left-name < fullSignature {
			signature = shortSignature
		}
		t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: max(left-signature, leastNameWidth), WidthMaxEnforcer: text.WrapHard}})
	}
	for _, e := range o.Environments {
		t.AppendRow(table.Row{
			CleanLine(e.Name), style.stage(e.Status), shorten(CleanLine(e.Signature), signature), instant(e.Since), ageOf(e.Since, o.Now),
		})
	}
	return t
}

func compilersTable(style Style, o *codemanager.Overview) table.Writer {
	t := newTable()
	t.AppendHeader(header(style, "COMPILER", "IN SYNC", "DIFFERENT", "LAST CHECK-IN", "AGE"))
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight}})
	if style.Width > 0 {
		left := style.Width - len("IN SYNC") - len("DIFFERENT") - len("2006-01-02 15:04:05") - 8 - 4*len(gap)
		t.SetColumnConfigs([]table.ColumnConfig{
			{Number: 1, WidthMax: max(left, leastNameWidth), WidthMaxEnforcer: text.WrapHard},
			{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		})
	}
	for _, c := range o.Compilers {
		sync, different, checkIn, age := style.Good("yes"), fmt.Sprint(c.Different), "never", ""
		switch {
		case c.Down:
			sync, different = style.Bad("down"), "?"
		case !c.InSync:
			sync = style.Busy("no")
		}
		if c.LastCheckIn != nil {
			checkIn, age = instant(*c.LastCheckIn), ageOf(*c.LastCheckIn, o.Now)
		}
		t.AppendRow(table.Row{CleanLine(c.Host), sync, different, checkIn, age})
	}
	return t
}

func failuresTable(style Style, o *codemanager.Overview) table.Writer {
	t := newTable()
	t.AppendHeader(header(style, "FAILURE", "QUEUED AT", "ID", "ERROR"))
	name := len("FAILURE")
	for _, f := range o.Failures {
		name = max(name, text.StringWidthWithoutEscSequences(CleanLine(f.Environment)))
	}
	columns := []table.ColumnConfig{{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight}}
	if style.Width > 0 {
		left := style.Width - len("2006-01-02 15:04:05") - 6 - 3*len(gap)
		name = max(min(name, left-leastErrorWidth), leastNameWidth)
		columns = append(columns,
			table.ColumnConfig{Number: 1, WidthMax: name, WidthMaxEnforcer: text.WrapHard},
			table.ColumnConfig{Number: 4, WidthMax: max(left-name, leastErrorWidth), WidthMaxEnforcer: text.WrapSoft})
	}
	t.SetColumnConfigs(columns)
	for _, f := range o.Failures {
		line := FailureLine(codemanager.Deployment{Environment: f.Environment, Error: f.Error})
		if f.Old {
			line = "(deployed since) " + line
		}
		t.AppendRow(table.Row{CleanLine(f.Environment), instant(f.QueuedAt), codemanager.FormatID(f.ID), line})
	}
	return t
}

func header(style Style, titles ...string) table.Row {
	row := make(table.Row, len(titles))
	for i, title := range titles {
		row[i] = style.Strong(title)
	}
	return row
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
