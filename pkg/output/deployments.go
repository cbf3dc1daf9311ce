package output

import (
	"cmp"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// The widths of the columns of a table on a narrow terminal, in characters: of a signature, of a
// line of an error, and of a name.
const (
	shortSignature  = 10
	fullSignature   = 40
	leastErrorWidth = 24
	leastNameWidth  = 12
)

// Deployments writes a table with a row for each environment; a failed one has its reason in place of
// the signature. Errors are those of w.
func Deployments(w io.Writer, style Style, list []codemanager.Deployment) error {
	title, least := "SIGNATURE", shortSignature
	if slices.ContainsFunc(list, codemanager.Deployment.Failed) {
		title, least = "SIGNATURE OR ERROR", leastErrorWidth
	}
	t := newTable(style, column{title: "ENVIRONMENT"}, column{title: "STATUS"}, column{title: "ID", right: true},
		column{title: title})
	for _, d := range list {
		last := style.line(d.DeploySignature)
		if d.Failed() {
			last = style.Reason(d)
		}
		t.add(style.line(d.Environment), style.status(statusOf(d)), style.line(string(d.ID)), last)
	}
	t.fit(least)
	if limit := t.columns[3].limit; limit > 0 && limit < fullSignature {
		for i, d := range list {
			if !d.Failed() {
				t.rows[i][3] = shorten(t.rows[i][3], shortSignature)
			}
		}
	}
	return t.write(w)
}

// statusOf is the status of an environment: failed if it has an error object and no status.
func statusOf(d codemanager.Deployment) codemanager.Status {
	if d.Failed() {
		return cmp.Or(d.Status, codemanager.StatusFailed)
	}
	return d.Status
}

// shorten abbreviates a signature that does not fit, as Git does.
func shorten(signature string, length int) string {
	if len(signature) <= fullSignature && len(signature) > length {
		for length > 0 && !utf8.RuneStart(signature[length]) {
			length-- // a text that is not a SHA can contain any character
		}
		return signature[:length]
	}
	return signature
}

// Environments writes a table of the names that a dry run found, and of the reasons of those that
// were refused.
func Environments(w io.Writer, style Style, list []codemanager.Deployment) error {
	if slices.ContainsFunc(list, codemanager.Deployment.Failed) {
		return Deployments(w, style, list)
	}
	t := newTable(style, column{title: "ENVIRONMENT", limit: style.Width})
	for _, d := range list {
		t.add(style.line(d.Environment))
	}
	return t.write(w)
}
