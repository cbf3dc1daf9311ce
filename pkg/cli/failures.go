package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// failures are the environments of a deployment or a watch that failed.
type failures struct {
	list []codemanager.Deployment
	// all is the number of environments.
	all int
	// after is the duration of the wait, 0 without a wait.
	after time.Duration
	// when says when they failed if the wait has no outcome, "" else.
	when string
}

func (f *failures) String() string {
	text := fmt.Sprintf("%d of %s failed", len(f.list), count(f.all, "environment"))
	if f.after > 0 {
		text += " after " + output.Duration(f.after)
	}
	if f.when != "" {
		text += " " + f.when
	}
	return text
}

// error is a deployment that failed.
func (f *failures) error() *exitError { return &exitError{status: ExitDeployFailed, failed: f} }

// onlyFailures are the failures of an error that has no other reason, nil for any other error.
func onlyFailures(err error) *failures {
	if ended, ok := errors.AsType[*exitError](err); ok && ended.err == nil {
		return ended.failed
	}
	return nil
}

const (
	// mostWhole is how many failures are shown with their message.
	mostWhole = 3
	// mostReasons is how many reasons are shown.
	mostReasons = 20
)

// failures are the lines below the error: each failed environment with its reason. Up to three have
// what else their message says; of more, those with the same reason share a line.
func (a *app) failures(failed []codemanager.Deployment) string {
	style := a.style(a.sys.Err)
	style.Width = 0
	var lines []string
	if len(failed) > mostWhole {
		lines = sameReasons(style, failed)
	} else {
		for _, d := range failed {
			lines = append(lines, "  "+style.Name(d.Environment)+": "+style.Reason(d))
			for _, line := range style.Message(d) {
				lines = append(lines, "    "+line)
			}
		}
	}
	return a.sys.Err.wrap(withoutBrackets(strings.Join(lines, "\n")) + "\n")
}

// sameReasons are failures by their reasons, one line each.
func sameReasons(style output.Style, failed []codemanager.Deployment) []string {
	var reasons []string
	environments := map[string][]string{}
	for _, d := range failed {
		reason := style.Reason(d)
		if environments[reason] == nil {
			reasons = append(reasons, reason)
		}
		environments[reason] = append(environments[reason], style.Name(d.Environment))
	}
	var lines []string
	for _, reason := range reasons[:min(mostReasons, len(reasons))] {
		lines = append(lines, "  "+names(environments[reason])+": "+reason)
	}
	if more := len(reasons) - mostReasons; more > 0 {
		lines = append(lines, fmt.Sprintf("  And %d more reasons.", more))
	}
	return lines
}

// inActions reports whether the log is one of GitHub Actions.
func (a *app) inActions() bool { return a.sys.env("GITHUB_ACTIONS") == "true" }

// annotations mark an error in the log of GitHub Actions with workflow commands: each failed environment,
// and any other error. GitHub shows ten of them for a step. Failed may be nil.
func (a *app) annotations(err error, failed *failures) string {
	style := a.style(a.sys.Err)
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	if onlyFailures(err) == nil {
		for _, text := range messages(err) {
			fmt.Fprintf(&b, "::error::%s\n", data.Replace(withoutBrackets(output.Clean(style.Redact(text)))))
		}
	}
	if failed == nil {
		return b.String()
	}
	for _, d := range failed.list[:min(most, len(failed.list))] {
		title := property.Replace(withoutBrackets("Deployment of " + style.Name(d.Environment) + " failed"))
		fmt.Fprintf(&b, "::error title=%s::%s\n", title, data.Replace(withoutBrackets(style.Reason(d))))
	}
	return b.String()
}
