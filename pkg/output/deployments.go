package output

import (
	"cmp"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

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

// DeploymentWriter takes the environments of one answer as they come, and
// writes them when all are there. After Reset it has none.
type DeploymentWriter interface {
	codemanager.Results
	// Write writes the result. Errors are those of w.
	Write(w io.Writer) error
	// Close gives back what it holds.
	Close()
}

// deploymentTable has a row for each environment, failed ones with the last
// line of their error in the place of the signature.
type deploymentTable struct {
	style  Style
	rows   *table
	failed bool
}

// NewDeploymentTable makes a table of environments.
func NewDeploymentTable(style Style) DeploymentWriter {
	t := &deploymentTable{style: style}
	t.Reset()
	return t
}

func (t *deploymentTable) Reset() {
	t.Close()
	t.failed = false
	t.rows = newTable(t.style, column{title: "ENVIRONMENT"}, column{title: "STATUS"}, column{title: "ID", right: true},
		column{title: "SIGNATURE", atWords: true})
}

// isSignature marks rows that end in a signature.
const isSignature = "signature"

func (t *deploymentTable) Add(d codemanager.Deployment, _ jsontext.Value) error {
	last, mark := CleanLine(d.DeploySignature), isSignature
	if d.Failed() {
		t.failed = true
		last, mark = FailureLine(d), ""
	}
	t.rows.add(CleanLine(d.Environment), t.style.status(d), codemanager.FormatID(d.ID), last, mark)
	return nil
}

// Write shares the width of a line: the name and the last column get what is
// left of it after the status and the id.
func (t *deploymentTable) Write(w io.Writer) error {
	name, last, least := &t.rows.columns[0], &t.rows.columns[3], shortSignature
	if t.failed {
		last.title, least = "SIGNATURE OR ERROR", leastErrorWidth
	}
	if t.style.Width > 0 {
		widths := t.rows.widths
		left := t.style.Width - widths[1] - widths[2] - 3*len(gap)
		name.limit = max(min(widths[0], left-least), leastNameWidth)
		last.limit = max(left-name.limit, least)
		if last.limit < fullSignature {
			t.rows.shape = func(cells []string) {
				if cells[4] == isSignature {
					cells[3] = shorten(cells[3], shortSignature)
				}
			}
		}
	}
	return t.rows.write(w)
}

func (t *deploymentTable) Close() {
	if t.rows != nil {
		t.rows.rows.Close()
	}
}

// Deployments writes a table of a few environments.
func Deployments(w io.Writer, style Style, list []codemanager.Deployment) error {
	t := NewDeploymentTable(style)
	defer t.Close()
	for _, d := range list {
		if err := t.Add(d, nil); err != nil {
			return err
		}
	}
	return t.Write(w)
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

// shorten cuts a signature that does not fit, as Git does.
func shorten(signature string, length int) string {
	if len(signature) <= fullSignature && len(signature) > length {
		for !utf8.RuneStart(signature[length]) {
			length-- // what is no SHA can have any characters
		}
		return signature[:length]
	}
	return signature
}

// environmentTable has names alone: what a dry run finds.
type environmentTable struct{ *table }

// NewEnvironmentTable makes a table of the names of environments.
func NewEnvironmentTable(style Style) DeploymentWriter {
	return &environmentTable{newTable(style, column{title: "ENVIRONMENT", limit: style.Width})}
}

func (t *environmentTable) Reset() {
	t.Close()
	t.table = newTable(t.style, t.columns...)
}

func (t *environmentTable) Add(d codemanager.Deployment, _ jsontext.Value) error {
	t.add(CleanLine(d.Environment))
	return nil
}

func (t *environmentTable) Write(w io.Writer) error { return t.write(w) }

func (t *environmentTable) Close() { t.rows.Close() }
