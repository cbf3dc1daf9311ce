package output

import (
	"cmp"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
)

const (
	shortSignature = 10
	fullSignature  = 40
	// leastErrorWidth is the least width for a reason. Its title is as wide.
	leastErrorWidth = 16
)

// Deployments writes a table with a row for each environment; a failed one has its reason in place of
// the signature, which a terminal gets cut to one line. The state of the wait, which may be nil, has the
// commits before. Errors are those of w.
func Deployments(w io.Writer, style Style, list []codemanager.Deployment, state *follow.State) error {
	title, least := "SIGNATURE", shortSignature
	if slices.ContainsFunc(list, codemanager.Deployment.Failed) {
		title, least = "SIGNATURE, ERROR", leastErrorWidth
	}
	t := newTable(style, column{title: "ENVIRONMENT"}, column{title: "STATUS"}, column{title: "ID", right: true, spare: true},
		column{title: title})
	for _, d := range list {
		last := style.line(d.DeploySignature)
		if e := changed(d, state); d.Failed() {
			last = style.Reason(d)
		} else if e.BeforeKnown {
			last = style.change(e)
		}
		t.add(style.line(d.Environment), style.status(statusOf(d)), style.line(string(d.ID)), last)
	}
	t.fit(least)
	last := len(t.columns) - 1
	if limit := t.columns[last].limit; limit > 0 {
		for i, d := range list {
			cell := &t.rows[i][last]
			if !d.Failed() && columns(*cell) > limit {
				*cell = shorten(style.line(d.DeploySignature)) // of a change, what is live now
			}
			*cell = Fit(*cell, max(limit, len(title)))
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

// shorten abbreviates a signature, as Git does.
func shorten(signature string) string {
	length := shortSignature
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
		return Deployments(w, style, list, nil)
	}
	t := newTable(style, column{title: "ENVIRONMENT"})
	for _, d := range list {
		t.add(style.line(d.Environment))
	}
	return t.write(w)
}
