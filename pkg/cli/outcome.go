package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// most is how many environments a message names before it counts the rest.
const most = 10

// outcome is the error that a result amounts to, nil for a success. It
// explains failures on standard error.
func (r *results) outcome() error {
	o := r.options
	if r.failed.count > 0 {
		o.explain(r.failed)
		o.annotate(r.failed)
		return &failedError{failed: r.failed.count, all: r.count}
	}
	if r.count == 0 {
		return errors.New("Code Manager found no environment: the answer is an empty array; " + //nolint:staticcheck // a name
			"look for branches in the control repo, and for the sources in the configuration of Code Manager")
	}
	if r.unsettled.count > 0 {
		return fmt.Errorf("the server answered before the outcome was there: %s; "+
			"the deployment may still be running, look at the log of Code Manager", describe(r.unsettled))
	}
	if missing := r.missing(); len(missing) > 0 {
		return fmt.Errorf("the server's answer does not mention %s: whether it was deployed is not known", names(missing))
	}
	return nil
}

// asExpected reports whether this status is what was asked for.
func (o *deployOptions) asExpected(d codemanager.Deployment) bool {
	return d.Status == codemanager.StatusComplete || !o.wait && d.Status.InFlight()
}

// explain gives the reasons of failed environments to those who do not see
// them in a table.
func (o *deployOptions) explain(failed sample) {
	if !o.format.isJSON(o.app.sys.Out) {
		return
	}
	for _, d := range failed.first {
		o.app.notice("%s failed: %s", output.CleanLine(d.Environment), output.FailureLine(d))
	}
	if more := failed.count - len(failed.first); more > 0 {
		o.app.notice("And %d more.", more)
	}
}

// annotate marks failures in the log of GitHub Actions, as its documentation
// of workflow commands has it, which shows ten of them for a step.
func (o *deployOptions) annotate(failed sample) {
	if value, _ := o.app.sys.LookupEnv("GITHUB_ACTIONS"); value != "true" {
		return
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, d := range failed.first {
		title := property.Replace(withoutBrackets("Deployment of " + d.Environment + " failed"))
		message := output.FailureLine(d)
		if d.Error != nil && d.Error.Msg != "" {
			message = output.Clean(strings.TrimSpace(d.Error.Msg))
		}
		_, _ = fmt.Fprintf(o.app.sys.Err, "::error title=%s::%s\n", title, data.Replace(withoutBrackets(message)))
	}
}

// describe lists environments with their statuses.
func describe(list sample) string {
	texts := make([]string, len(list.first))
	for i, d := range list.first {
		status := string(d.Status)
		if status == "" {
			status = "without a status"
		}
		texts[i] = d.Environment + " is " + status
	}
	return output.CleanLine(strings.Join(texts, ", ")) + andMore(list.count)
}

// names joins names for a sentence, as many as a person reads.
func names(list []string) string {
	return output.CleanLine(strings.Join(list[:min(most, len(list))], ", ")) + andMore(len(list))
}

func andMore(count int) string {
	if count <= most {
		return ""
	}
	return fmt.Sprintf(" and %d more", count-most)
}
