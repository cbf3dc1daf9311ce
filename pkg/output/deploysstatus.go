package output

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// DeploysOptions are the options of DeploysStatus.
type DeploysOptions struct {
	// Zone is the time zone of all times; it is in the headers.
	Zone *time.Location
	// AllFailures shows every failure, not only the latest of each environment.
	AllFailures bool
	// Attention shows only environments that failed or whose outcome is unknown, compilers that are not in
	// sync, and failures that were not followed by a deployment.
	Attention bool
}

// DeploysStatus writes tables of the environments, the compilers and the failures of a state, and
// leaves out empty tables.
func DeploysStatus(w io.Writer, style Style, state *follow.State, opts DeploysOptions) error {
	times := newInstants(style, state.Clock, opts.Zone)
	nothing := "Nothing is deployed or in flight.\n"
	if opts.Attention {
		state, nothing = attention(state), "Nothing needs attention.\n"
	}
	failures := state.Failures
	if !opts.AllFailures {
		failures = latestOfEach(failures)
	}
	var b strings.Builder
	for _, part := range []*table{environmentsTable(style, state, times), compilersTable(style, state, times), failuresTable(style, failures, times)} {
		if len(part.rows) > 0 && b.Len() > 0 {
			b.WriteByte('\n')
		}
		_ = part.write(&b)
	}
	switch more := len(state.Failures) - len(failures); {
	case b.Len() == 0:
		b.WriteString(nothing)
	case more == 1:
		b.WriteString(Wrap("Not shown: one earlier failure of these environments (use --all-failures).\n", style.Width))
	case more > 1:
		b.WriteString(Wrap(fmt.Sprintf("Not shown: %d earlier failures of these environments (use --all-failures).\n", more), style.Width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// attention is the part of a state that needs attention.
func attention(state *follow.State) *follow.State {
	part := *state
	part.Environments = slices.DeleteFunc(slices.Clone(state.Environments), func(e follow.Environment) bool {
		return e.Status != codemanager.StatusFailed && e.Status != follow.Lost
	})
	part.Compilers = slices.DeleteFunc(slices.Clone(state.Compilers), func(c follow.Compiler) bool { return c.Standing == follow.InSync })
	part.Failures = slices.DeleteFunc(slices.Clone(state.Failures), func(f follow.Failure) bool { return f.Superseded })
	return &part
}

// latestOfEach keeps the latest failure of each environment. The list has the latest first.
func latestOfEach(list []follow.Failure) []follow.Failure {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(f follow.Failure) bool {
		again := seen[f.Environment]
		seen[f.Environment] = true
		return again
	})
}

func environmentsTable(style Style, state *follow.State, times instants) *table {
	t := newTable(style, column{title: "ENVIRONMENT"}, column{title: "STATE"}, column{title: "SIGNATURE"},
		column{title: times.title("SINCE"), spare: true}, column{title: "AGE", spare: true})
	for _, e := range state.Environments {
		t.add(style.line(e.Name), style.status(e.Status), style.line(e.Signature), times.text(e.Since), ageOf(e.Since, state.Clock))
	}
	if style.Width > 0 && t.left() < t.width(len(t.columns)-1) {
		for _, cells := range t.rows {
			cells[2] = shorten(cells[2])
		}
	}
	t.fit(0)
	return t
}

func compilersTable(style Style, state *follow.State, times instants) *table {
	t := newTable(style, column{title: "COMPILER"}, column{title: "IN SYNC"}, column{title: "DIFFERENT", right: true},
		column{title: times.title("LAST CHECK-IN"), spare: true}, column{title: "AGE", spare: true})
	for _, c := range state.Compilers {
		sync, different, checkIn, age := style.Good("yes"), strconv.Itoa(c.Different), "never", ""
		switch c.Standing {
		case follow.Down:
			sync, different = style.Bad("down"), "?"
		case follow.Missing:
			sync, different = style.Bad("missing"), "?"
		case follow.Behind:
			sync = style.Busy("no")
		case follow.InSync:
		}
		if c.LastCheckIn != nil {
			checkIn, age = times.text(*c.LastCheckIn), ageOf(*c.LastCheckIn, state.Clock)
		}
		t.add(style.line(c.Host), sync, different, checkIn, age)
	}
	t.fit(0)
	return t
}

func failuresTable(style Style, failures []follow.Failure, times instants) *table {
	t := newTable(style, column{title: "FAILURE"}, column{title: times.title("QUEUED AT"), spare: true}, column{title: "ID", right: true, spare: true},
		column{title: "ERROR"})
	for _, f := range failures {
		line := style.Reason(codemanager.Deployment{Environment: f.Environment, Error: f.Error})
		if f.Superseded {
			line = "(deployed since) " + line
		}
		t.add(style.line(f.Environment), times.text(f.QueuedAt), style.line(string(f.ID)), line)
	}
	t.fit(leastErrorWidth)
	return t
}

// instants formats times of the server in one zone, with its current offset, which the header
// shows.
type instants struct {
	style Style
	zone  *time.Location
}

func newInstants(style Style, now time.Time, zone *time.Location) instants {
	if now.IsZero() {
		now = time.Now()
	}
	return instants{style, time.FixedZone(now.In(zone).Zone())}
}

func (i instants) title(word string) string { return word + " (" + i.zone.String() + ")" }

// text is a time to the second, or the server's text if it is not a time.
func (i instants) text(t codemanager.Timestamp) string {
	if at, ok := t.Time(); ok {
		return at.In(i.zone).Format("2006-01-02 15:04:05")
	}
	return i.style.line(string(t))
}

// ageOf is the age of a time by the server's clock.
func ageOf(t codemanager.Timestamp, now time.Time) string {
	at, ok := t.Time()
	if !ok || now.IsZero() {
		return ""
	}
	return Age(now.Sub(at))
}
