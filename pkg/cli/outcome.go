package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// most is how many environments a message names before it counts the rest.
const most = 10

// outcome is the error that a result amounts to, nil for a success. It
// explains failures on standard error.
func (o *deployOptions) outcome(list []codemanager.Deployment) error {
	var failed, unsettled []codemanager.Deployment
	for _, d := range list {
		switch {
		case d.Failed():
			failed = append(failed, d)
		case !o.dryRun && !o.asExpected(d):
			unsettled = append(unsettled, d)
		}
	}
	if len(failed) > 0 {
		o.explain(failed)
		o.annotate(failed)
		return &failedError{failed: len(failed), all: len(list)}
	}
	if len(list) == 0 {
		return errors.New("Code Manager found no environment: the answer is an empty array; " + //nolint:staticcheck // a name
			"look for branches in the control repo, and for the sources in the configuration of Code Manager")
	}
	if len(unsettled) > 0 {
		return fmt.Errorf("the server answered before the outcome was there: %s; "+
			"the deployment may still be running, look at the log of Code Manager", describe(unsettled))
	}
	if absent := o.absent(list); len(absent) > 0 {
		return fmt.Errorf("the server's answer does not mention %s: whether it was deployed is not known", names(absent))
	}
	return nil
}

// asExpected reports whether this status is what was asked for.
func (o *deployOptions) asExpected(d codemanager.Deployment) bool {
	return d.Status == codemanager.StatusComplete || !o.wait && d.Status.InFlight()
}

// explain gives the reasons of failed environments to those who do not see
// them in a table.
func (o *deployOptions) explain(failed []codemanager.Deployment) {
	if !o.format.isJSON(o.app.sys.Out) {
		return
	}
	for i, d := range failed {
		if i == most {
			o.app.notice("And %d more.", len(failed)-most)
			return
		}
		o.app.notice("%s failed: %s", output.CleanLine(d.Environment), output.FailureLine(d))
	}
}

// annotate marks failures in the log of GitHub Actions, as its documentation
// of workflow commands has it.
func (o *deployOptions) annotate(failed []codemanager.Deployment) {
	if value, _ := o.app.sys.LookupEnv("GITHUB_ACTIONS"); value != "true" {
		return
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, d := range failed {
		title := property.Replace(withoutBrackets("Deployment of " + d.Environment + " failed"))
		message := output.FailureLine(d)
		if d.Error != nil && d.Error.Msg != "" {
			message = output.Clean(strings.TrimSpace(d.Error.Msg))
		}
		_, _ = fmt.Fprintf(o.app.sys.Err, "::error title=%s::%s\n", title, data.Replace(withoutBrackets(message)))
	}
}

// absent are the environments that were asked for and not answered, under
// their own name or the one that r10k makes of it.
func (o *deployOptions) absent(list []codemanager.Deployment) []string {
	var absent []string
	for _, name := range o.environments {
		corrected := codemanager.CorrectedName(name)
		if !slices.ContainsFunc(list, func(d codemanager.Deployment) bool {
			return d.Environment == name || d.Environment == corrected
		}) {
			absent = append(absent, name)
		}
	}
	return absent
}

// describe lists environments with their statuses.
func describe(list []codemanager.Deployment) string {
	texts := make([]string, len(list))
	for i, d := range list {
		status := string(d.Status)
		if status == "" {
			status = "without a status"
		}
		texts[i] = d.Environment + " is " + status
	}
	return names(texts)
}

// names joins names for a sentence, as many as a person reads.
func names(list []string) string {
	if len(list) > most {
		return output.CleanLine(strings.Join(list[:most], ", ")) + fmt.Sprintf(" and %d more", len(list)-most)
	}
	return output.CleanLine(strings.Join(list, ", "))
}
