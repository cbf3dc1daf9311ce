package output

import (
	"github.com/fatih/color"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

// Statuses of environments that were to be deleted, for views and tables alone.
const (
	// Deleting is an environment that has no branch. It may still be staged or live.
	Deleting codemanager.Status = "deleting"
	// Deleted is an environment that is gone from the primary and all compilers.
	Deleted codemanager.Status = "deleted"
)

// Style is how text for a stream is formatted.
type Style struct {
	// Color allows escape sequences for colours.
	Color bool
	// Width is how many columns fit on a line; 0 means any number.
	Width int
	// Redact removes secrets from text of a server, before it is cut or wrapped. May be nil.
	Redact func(string) string
}

// redacted is a text without secrets.
func (s Style) redacted(text string) string {
	if s.Redact == nil {
		return text
	}
	return s.Redact(text)
}

// line is text from a server on one line, without secrets and safe to show.
func (s Style) line(text string) string { return CleanLine(s.redacted(text)) }

// Name is the name of an environment, safe to show.
func (s Style) Name(name string) string { return s.line(name) }

// Good colours a success. As with all colours, the text must say the same.
func (s Style) Good(text string) string { return s.paint(text, color.FgGreen) }

// Bad colours a failure.
func (s Style) Bad(text string) string { return s.paint(text, color.FgRed) }

// Busy colours a state that will still change.
func (s Style) Busy(text string) string { return s.paint(text, color.FgYellow) }

// Strong makes titles stand out.
func (s Style) Strong(text string) string { return s.paint(text, color.Bold) }

// status is a status as a coloured word.
func (s Style) status(status codemanager.Status) string {
	return s.colored(status, s.line(string(status)))
}

// colored gives a text the colour of a status.
func (s Style) colored(status codemanager.Status, text string) string {
	switch status {
	case codemanager.StatusComplete, follow.Live, Deleted:
		return s.Good(text)
	case codemanager.StatusFailed:
		return s.Bad(text)
	default:
		return s.Busy(text)
	}
}

// paint decides only by the stream. It overrides the library's guess, which depends on the standard
// output of the process.
func (s Style) paint(text string, attributes ...color.Attribute) string {
	if !s.Color || text == "" {
		return text
	}
	paint := color.New(attributes...)
	paint.EnableColor()
	return paint.Sprint(text)
}
