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

// watch is a wait that has ended: when it began, how long it took, and its last state, nil without a look.
type watch struct {
	began time.Time
	took  time.Duration
	state *follow.State
}

// each has the time until the outcome of each environment was known: at a look, or else at the end.
// Environments without a known outcome are left out.
func (w watch) each(list []codemanager.Deployment) map[string]time.Duration {
	each := map[string]time.Duration{}
	for _, d := range list {
		if w.took == 0 || !follow.Settled(d.Status) {
			continue
		}
		each[d.Environment] = w.took
		if w.state == nil {
			continue
		}
		// An environment that was complete from the beginning was waited for because of its commit.
		if e := w.state.Environment(d.Environment); e != nil && follow.Settled(e.Status) && !e.Seen.Equal(e.Began) {
			each[d.Environment] = e.Seen.Sub(w.began)
		}
	}
	return each
}

// summarize appends a summary of a result and its error to a file. If that fails, it only warns:
// the deployment is not affected. Success is the verdict if there is no error.
func (o *deployOptions) summarize(list []codemanager.Deployment, problem error, success string) {
	file, sys := o.summary, o.app.sys
	if file == "" && o.app.inActions() {
		file = sys.env("GITHUB_STEP_SUMMARY")
	}
	if file == "" || file == noSummary {
		return
	}
	opts := output.SummaryOptions{
		Verdict: cmp.Or(o.shortly(problem), success), Each: o.watched.each(list), State: o.watched.state,
		Redact: o.app.style(sys.Err).Redact,
	}
	opts.Commit, opts.Web = sys.pipeline()
	// The reasons of failed environments are in the list.
	if problem != nil && onlyFailures(problem) == nil {
		opts.Problem = message(problem)
	}
	if o.expect.deleted && problem == nil {
		list = deletionRows(list, nil)
	}
	if err := appendSummary(file, list, opts); err != nil {
		o.app.say("Warning: cannot write the summary: %v.", textfile.WithoutStop(err))
	}
}

// shortly is an error in words of ours alone, "" without an error.
func (o *deployOptions) shortly(problem error) string {
	if failed := onlyFailures(problem); failed != nil {
		return strings.ToUpper(failed.String()[:1]) + failed.String()[1:]
	}
	switch status := exitStatus(problem); {
	case problem == nil:
		return ""
	case status == ExitToken:
		return "No valid token"
	case status == ExitConnection:
		return "No connection to Code Manager"
	case status == ExitTimeout:
		return "Timed out"
	case status == ExitUnexpected && o.expect.deleted:
		return "Not deleted"
	case status == ExitUnexpected:
		return "Another commit is live"
	case status == ExitUnknown:
		return "The outcome is unknown"
	case status > ExitSignal:
		return "Ended by a signal"
	default:
		return "An error"
	}
}

// pipeline is the commit for which a pipeline of GitHub or GitLab runs, and the address below which its
// repository has pages of commits and comparisons; "" elsewhere.
func (s System) pipeline() (commit, web string) {
	if project := s.env("CI_PROJECT_URL"); strings.HasPrefix(project, "https://") {
		return s.env("CI_COMMIT_SHA"), project + "/-"
	}
	server, repository := s.env("GITHUB_SERVER_URL"), s.env("GITHUB_REPOSITORY")
	if !strings.HasPrefix(server, "https://") || repository == "" {
		return "", ""
	}
	return s.env("GITHUB_SHA"), server + "/" + repository
}

func appendSummary(path string, list []codemanager.Deployment, opts output.SummaryOptions) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // readable for everyone, like the page
	if err != nil {
		return err
	}
	return cmp.Or(output.Summary(file, list, opts), file.Close())
}
