package output

import (
	"cmp"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// How wide the columns of a table are, where the line is not wide enough for
// everything: a signature keeps this many characters, an error this many a
// line, a name this many.
const (
	shortSignature  = 10
	fullSignature   = 40
	leastErrorWidth = 24
	leastNameWidth  = 12
)

// Deployments writes a table of the environments of one request, failed ones
// with the last line of their error.
func Deployments(w io.Writer, style Style, list []codemanager.Deployment) error {
	columns := deploymentColumns(style.Width, list)
	t := newTable()
	t.AppendHeader(table.Row{style.Strong("ENVIRONMENT"), style.Strong("STATUS"), style.Strong("ID"), style.Strong(columns.lastTitle)})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 1, WidthMax: columns.name, WidthMaxEnforcer: text.WrapHard},
		{Number: 3, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 4, WidthMax: columns.last, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, d := range list {
		last := shorten(CleanLine(d.DeploySignature), columns.signature)
		if d.Failed() {
			last = FailureLine(d)
		}
		t.AppendRow(table.Row{CleanLine(d.Environment), style.status(d), codemanager.FormatID(d.ID), last})
	}
	return writeTable(w, t)
}

// FailureLine is why an environment failed, on one line.
func FailureLine(d codemanager.Deployment) string {
	if d.Error == nil {
		return "the server gives no reason"
	}
	line := LastLine(cmp.Or(d.Error.Msg, d.Error.Kind, "the server gives no reason"))
	if !strings.Contains(line, "cannot be found in any source") {
		return line
	}
	if name := d.Error.CorrectedName(); name != "" && name != d.Environment {
		return line + " The environment is called " + CleanLine(name) + "."
	}
	return line + " The branch may have been deleted, or never pushed."
}

// status is the status as a coloured word.
func (s Style) status(d codemanager.Deployment) string {
	word := CleanLine(string(d.Status))
	switch {
	case d.Failed():
		return s.Bad(cmp.Or(word, string(codemanager.StatusFailed)))
	case d.Status == codemanager.StatusComplete:
		return s.Good(word)
	default:
		return s.Busy(word)
	}
}

// deploymentWidths is how the width of a line is shared; 0 is no limit.
type deploymentWidths struct {
	name, last, signature int
	lastTitle             string
}

// deploymentColumns gives the name and the last column what is left of the
// line after the status and the id.
func deploymentColumns(width int, list []codemanager.Deployment) deploymentWidths {
	widths := deploymentWidths{signature: fullSignature, lastTitle: "SIGNATURE"}
	name, status, id, least := len("ENVIRONMENT"), len("STATUS"), len("ID"), shortSignature
	for _, d := range list {
		name = max(name, text.StringWidthWithoutEscSequences(CleanLine(d.Environment)))
		status = max(status, text.StringWidthWithoutEscSequences(CleanLine(string(d.Status))))
		id = max(id, len(codemanager.FormatID(d.ID)))
		if d.Failed() {
			widths.lastTitle, least = "SIGNATURE OR ERROR", leastErrorWidth
		}
	}
	if width == 0 {
		return widths
	}
	left := width - status - id - 3*len(gap)
	widths.name = max(min(name, left-least), leastNameWidth)
	widths.last = max(left-widths.name, least)
	if widths.last < fullSignature {
		widths.signature = shortSignature
	}
	return widths
}

// shorten cuts a signature that does not fit, as Git does.
func shorten(signature string, length int) string {
	if len(signature) <= fullSignature && len(signature) > length {
		return signature[:length]
	}
	return signature
}

// Environments writes a table of environment names alone: what a dry run finds.
func Environments(w io.Writer, style Style, list []codemanager.Deployment) error {
	t := newTable()
	t.AppendHeader(table.Row{style.Strong("ENVIRONMENT")})
	if style.Width > 0 {
		t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: style.Width, WidthMaxEnforcer: text.WrapHard}})
	}
	for _, d := range list {
		t.AppendRow(table.Row{CleanLine(d.Environment)})
	}
	return writeTable(w, t)
}
