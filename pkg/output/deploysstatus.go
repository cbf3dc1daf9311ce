package output

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// How wide the columns are that do not depend on their content.
const (
	instantWidth = len("2006-01-02 15:04:05")
	ageWidth     = len("999 days")
	idWidth      = len("123456")
)

// DeploysStatus writes tables of the environments, the compilers and the failures of a state; of
// those that there are.
func DeploysStatus(w io.Writer, style Style, state *follow.State) error {
	var parts []*table
	for _, part := range []*table{environmentsTable(style, state), compilersTable(style, state), failuresTable(style, state)} {
		if len(part.rows) > 0 {
			parts = append(parts, part)
		}
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

func environmentsTable(style Style, state *follow.State) *table {
	name, status := len("ENVIRONMENT"), len("STATE")
	for _, e := range state.Environments {
		name = max(name, columns(style.line(e.Name)))
		status = max(status, len(e.Status))
	}
	signature, limit := fullSignature, 0
	if style.Width > 0 {
		left := style.Width - status - instantWidth - ageWidth - 4*len(gap)
		if left-name < fullSignature {
			signature = shortSignature
		}
		limit = max(left-signature, leastNameWidth)
	}
	t := newTable(style, column{title: "ENVIRONMENT", limit: limit}, column{title: "STATE"}, column{title: "SIGNATURE"},
		column{title: "SINCE"}, column{title: "AGE"})
	for _, e := range state.Environments {
		t.add(style.line(e.Name), style.status(e.Status), shorten(style.line(e.Signature), signature),
			style.instant(e.Since), ageOf(e.Since, state.Clock))
	}
	return t
}

func compilersTable(style Style, state *follow.State) *table {
	limit := 0
	if style.Width > 0 {
		limit = max(style.Width-len("IN SYNC")-len("DIFFERENT")-instantWidth-ageWidth-4*len(gap), leastNameWidth)
	}
	t := newTable(style, column{title: "COMPILER", limit: limit}, column{title: "IN SYNC"}, column{title: "DIFFERENT", right: true},
		column{title: "LAST CHECK-IN"}, column{title: "AGE"})
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
			checkIn, age = style.instant(*c.LastCheckIn), ageOf(*c.LastCheckIn, state.Clock)
		}
		t.add(style.line(c.Host), sync, different, checkIn, age)
	}
	return t
}

func failuresTable(style Style, state *follow.State) *table {
	name := len("FAILURE")
	for _, f := range state.Failures {
		name = max(name, columns(style.line(f.Environment)))
	}
	limit := 0
	if style.Width > 0 {
		left := style.Width - instantWidth - idWidth - 3*len(gap)
		name = max(min(name, left-leastErrorWidth), leastNameWidth)
		limit = max(left-name, leastErrorWidth)
	}
	t := newTable(style, column{title: "FAILURE", limit: name}, column{title: "QUEUED AT"}, column{title: "ID", right: true},
		column{title: "ERROR", limit: limit, atWords: true})
	for _, f := range state.Failures {
		line := style.Reason(codemanager.Deployment{Environment: f.Environment, Error: f.Error})
		if f.Superseded {
			line = "(deployed since) " + line
		}
		t.add(style.line(f.Environment), style.instant(f.QueuedAt), style.line(string(f.ID)), line)
	}
	return t
}

// instant is a time of the server, in UTC and to the second, or the text in its place.
func (style Style) instant(t codemanager.Timestamp) string {
	if at, ok := t.Time(); ok {
		return at.UTC().Format("2006-01-02 15:04:05")
	}
	return style.line(string(t))
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
