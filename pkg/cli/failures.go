package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// failedError is a deployment in which environments failed.
type failedError struct {
	failed []codemanager.Deployment
	// all is how many environments there were.
	all int
	// after is how long the wait took, 0 without one.
	after time.Duration
	// near are environments that may have been meant by those that there are not.
	near []string
}

func (e *failedError) Error() string {
	text := fmt.Sprintf("%d of %s failed", len(e.failed), count(e.all, "environment"))
	if e.after > 0 {
		text += " after " + output.Lasted(e.after)
	}
	return text
}

const (
	// mostWhole is how many failures are shown with their whole message.
	mostWhole = 3
	// mostReasons is how many reasons are shown.
	mostReasons = 20
)

// failures are the lines below the error: each failed environment with its reason. Up to three have
// their whole message; of more, those with the same reason share a line.
func (a *app) failures(failed []codemanager.Deployment) string {
	style := a.style(a.sys.Err)
	style.Width = 0
	var lines []string
	if len(failed) <= mostWhole {
		for _, d := range failed {
			reason := style.Reason(d)
			lines = append(lines, "  "+style.Name(d.Environment)+": "+reason)
			for i, line := range style.Message(d) {
				if i > 0 || line != reason {
					lines = append(lines, "    "+line)
				}
			}
		}
	} else {
		lines = a.sys.Err.fitting(sameReasons(style, failed))
	}
	return a.sys.Err.wrap(withoutBrackets(strings.Join(lines, "\n")) + "\n")
}

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
func (a *app) inActions() bool {
	value, _ := a.sys.LookupEnv("GITHUB_ACTIONS")
	return value == "true"
}

// annotations mark failures in the log of GitHub Actions, as its documentation
// of workflow commands has it, which shows ten of them for a step.
func (a *app) annotations(err error) string {
	failed, ok := errors.AsType[*failedError](err)
	if !ok || !a.inActions() {
		return ""
	}
	style := a.style(a.sys.Err)
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	for _, d := range failed.failed[:min(most, len(failed.failed))] {
		title := property.Replace(withoutBrackets("Deployment of " + style.Name(d.Environment) + " failed"))
		fmt.Fprintf(&b, "::error title=%s::%s\n", title, data.Replace(withoutBrackets(style.Reason(d))))
	}
	return b.String()
}
