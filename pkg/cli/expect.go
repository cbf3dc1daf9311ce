package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// expectation has the values of --expect and --expect-deleted.
type expectation struct {
	// commit is a SHA or its beginning, in lower case; "" without --expect.
	commit string
	// given is true if there was an --expect, which may be empty: a script's command that failed.
	given   bool
	deleted bool
}

// isCommit reports whether a text is a SHA or its beginning, in lower case.
func isCommit(text string) bool {
	return len(text) >= 7 && len(text) <= 64 && strings.Trim(text, "0123456789abcdef") == ""
}

// problem is the usage mistake for these environments, "" if there is no mistake.
func (e *expectation) problem(environments []string, all bool) string {
	text, given := e.commit, e.given || e.commit != ""
	e.commit = strings.ToLower(text)
	switch {
	case given && e.deleted:
		return "--expect and --expect-deleted cannot be used together"
	case (given || e.deleted) && all:
		return "--expect and --expect-deleted need an environment, not --all or --dry-run"
	case given && text == "":
		return "--expect is empty: use the SHA of a commit"
	case given && !isCommit(e.commit):
		return fmt.Sprintf("--expect %q is not a commit: use a SHA, or at least its first seven hexadecimal digits", text)
	case given && len(environments) != 1:
		return "--expect needs exactly one environment"
	default:
		return ""
	}
}

// meets reports whether a commit is the expected one. It needs an --expect.
func (e expectation) meets(commit string) bool { return strings.HasPrefix(commit, e.commit) }

// unexpected is a deployment that succeeded, but not with the expected result.
func unexpected(reason string) error {
	return &exitError{err: errors.New(reason), status: ExitUnexpected}
}

// otherCommit is the error for an environment that is live at another commit.
func (a *app) otherCommit(ctx context.Context, environment, live, wanted string) error {
	reason := fmt.Sprintf("%s is live at %s, not at %s", output.CleanLine(environment), cmp.Or(output.CleanLine(live), "an unknown commit"), wanted)
	switch a.relation(ctx, live, wanted) {
	case newer:
		reason += ": that is a newer commit, somebody pushed since"
	case older:
		reason += ": that is an older commit, the server fetched the branch before the push was visible"
	default:
		reason += ". A newer push may be the reason, or the server fetched before yours was visible"
	}
	return unexpected(reason)
}

// judgeCommit is the error of a deployment with --expect, nil if the commit is live. If the server's
// answer decided, its commit counts; else the commit that is staged at the last look, and on each compiler
// that is waited for.
func (o *deployOptions) judgeCommit(ctx context.Context, d codemanager.Deployment, state *follow.State) error {
	commit := d.DeploySignature
	if state != nil && !state.Answered {
		e := state.Environment(d.Environment)
		switch {
		case o.expect.meets(e.Live):
			return nil
		case o.expect.meets(e.Current) && len(state.Hosts(follow.Missing)) > 0:
			return o.unknown(fmt.Errorf("%s is staged at %s, but Code Manager no longer lists %s, so it is not known which commit is live there",
				output.CleanLine(d.Environment), o.expect.commit, names(state.Hosts(follow.Missing))))
		case o.expect.meets(e.Current):
			return unexpected(output.CleanLine(d.Environment) + " is staged at " + o.expect.commit + ", but not every compiler has it any more")
		}
		commit = e.Current
	}
	if o.expect.meets(commit) {
		return nil
	}
	return o.app.otherCommit(ctx, d.Environment, commit, o.expect.commit)
}

// relation says which of two commits is newer, by the Git clone in the working directory.
type relation int

const (
	unrelated relation = iota
	newer
	older
)

// relation asks git. Nothing is fetched, so either commit may be missing.
func (a *app) relation(ctx context.Context, live, wanted string) relation {
	if !isCommit(live) {
		return unrelated
	}
	switch {
	case a.isAncestor(ctx, wanted, live):
		return newer
	case a.isAncestor(ctx, live, wanted):
		return older
	default:
		return unrelated
	}
}

func (a *app) isAncestor(ctx context.Context, ancestor, of string) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	// Otherwise a partial clone would fetch missing commits.
	git := exec.CommandContext(ctx, "git", "-c", "protocol.allow=never", "merge-base", "--is-ancestor", ancestor, of) //nolint:gosec // both are hexadecimal
	git.Env = append(withoutToken(git.Environ()), "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0")
	return git.Run() == nil
}

// withoutToken removes our secrets from the environment of another program.
func withoutToken(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool { return strings.HasPrefix(variable, config.EnvToken+"=") })
}

// branchNames are the environments of branches, by r10k's rule. It prints a name that differs from
// the branch.
func (a *app) branchNames(branches []string) []string {
	var list []string
	for _, branch := range branches {
		branch = plainBranch(branch)
		environment := codemanager.EnvironmentName(branch)
		if environment != branch && !slices.Contains(list, environment) {
			hint := ""
			if local, ok := strings.CutPrefix(branch, "origin/"); ok {
				hint = fmt.Sprintf(" If you mean the branch %s of the remote origin, leave out origin/.", output.CleanLine(local))
			}
			a.say("The environment of the branch %s is %s.%s", output.CleanLine(branch), environment, hint)
		}
		list = append(list, environment)
	}
	return list
}

// plainBranch is the name of a branch without refs/heads/, and without the line end of a file that
// was written on Windows.
func plainBranch(branch string) string {
	return strings.TrimPrefix(strings.TrimRight(branch, "\r\n"), "refs/heads/")
}

// pullRequest matches the refs that Git hosts make for a pull request. GitHub Actions has them in
// GITHUB_REF and GITHUB_REF_NAME.
var pullRequest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(refs/pull/)?\d+/(merge|head)$`) })

// branchProblem is the problem with the names of branches, "" if they are valid.
func branchProblem(branches []string) string {
	for _, branch := range branches {
		switch branch = plainBranch(branch); {
		case strings.TrimSpace(branch) == "":
			return "the name of a branch is empty"
		case pullRequest().MatchString(branch):
			return fmt.Sprintf("%s is the merge of a pull request, not a branch: use the name of its branch, in GitHub Actions $GITHUB_HEAD_REF", branch)
		}
	}
	return ""
}
