package cli

import (
	"cmp"
	"os"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// noSummary is the value of --summary that writes no summary.
const noSummary = "none"

// waited is a wait that has ended: when it began, how long it took, and its last look, nil without.
type waited struct {
	began time.Time
	took  time.Duration
	state *follow.State
}

// each has the time until the outcome of each environment was known: at a look, or else at the end.
// Environments without a known outcome are left out.
func (w waited) each(list []codemanager.Deployment) map[string]time.Duration {
	each := map[string]time.Duration{}
	for _, d := range list {
		if w.took == 0 || !follow.Settled(d.Status) {
			continue
		}
		each[d.Environment] = w.took
		if w.state == nil {
			continue
		}
		if e := w.state.Environment(d.Environment); e != nil && follow.Settled(e.Status) {
			each[d.Environment] = e.Seen.Sub(w.began)
		}
	}
	return each
}

// summarize appends a summary of a result and its error to a file. If that fails, it only warns:
// the deployment is not affected.
func (o *deployOptions) summarize(list []codemanager.Deployment, problem error) {
	file, sys := o.summary, o.app.sys
	if file == "" && o.app.inActions() {
		file = sys.env("GITHUB_STEP_SUMMARY")
	}
	if file == "" || file == noSummary {
		return
	}
	opts := output.SummaryOptions{
		Took: o.waited.took, Each: o.waited.each(list), DryRun: o.dryRun,
		Commit: sys.env("GITHUB_SHA"), Redact: o.app.style(sys.Err).Redact,
	}
	if server, repository := sys.env("GITHUB_SERVER_URL"), sys.env("GITHUB_REPOSITORY"); strings.HasPrefix(server, "https://") && isCommit(opts.Commit) {
		opts.CommitURL = server + "/" + repository + "/commit/" + opts.Commit
	}
	// The reasons of failed environments are in the list.
	if problem != nil && onlyFailures(problem) == nil {
		opts.Problem = problem.Error()
	}
	if o.expect.deleted && problem == nil {
		list = deletionRows(list, nil)
	}
	if err := appendSummary(file, list, opts); err != nil {
		o.app.notice("Warning: cannot write the summary: %v.", textfile.WithoutStop(err))
	}
}

func appendSummary(path string, list []codemanager.Deployment, opts output.SummaryOptions) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // readable for everyone, like the page
	if err != nil {
		return err
	}
	return cmp.Or(output.Summary(file, list, opts), file.Close())
}
