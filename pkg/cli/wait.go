package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// timeoutError is the cause of a context that --timeout ended.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("not over within %s, as --timeout says; the deployment may still be running", e.limit)
}

// Is makes it a deadline for those who ask in Go's own words.
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// withTimeout bounds a context by --timeout, where it is given.
func withTimeout(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, &timeoutError{limit})
}

// send sends the request, and with --wait follows the deployment to its end.
func (o *deployOptions) send(ctx context.Context, client codemanager.API, results codemanager.Results) error {
	ctx, cancel := withTimeout(ctx, o.timeout)
	defer cancel()
	if !o.wait || o.dryRun {
		return client.StreamDeploy(ctx, o.request(), results)
	}
	follower := codemanager.Follower{API: client}
	if !o.quiet {
		watcher := o.app.watcher()
		defer watcher.Stop()
		follower.Observe = watcher.Event
	}
	if err := follower.Run(ctx, o.request(), results); err != nil {
		return &waitError{err: err, follow: o.followCommand()}
	}
	return nil
}

// followCommand is what shows how the deployment goes on.
func (o *deployOptions) followCommand() string {
	return strings.Join(append([]string{"puppet-code status deploys --watch"}, o.environments...), " ")
}

// waitError is a wait that ended without an outcome, and how to follow on.
type waitError struct {
	err    error
	follow string
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

// watcher shows a wait: live on a terminal, unless a log is written there too;
// else in lines.
func (a *app) watcher() output.Watcher {
	if a.live() {
		return output.NewLiveWatcher(a.sys.Err.Writer, a.sys.style(a.sys.Err), a.sys.Err.size, reasonOf)
	}
	return output.NewPlainWatcher(func(line string) { a.notice("%s", line) }, reasonOf)
}

// live reports whether standard error is a terminal on which things can be
// drawn in place.
func (a *app) live() bool {
	term, _ := a.sys.LookupEnv("TERM")
	return a.sys.Err.Terminal && term != "dumb" && !a.logger().Enabled(context.Background(), slog.LevelDebug)
}

// reasonOf words an error for a line of progress.
func reasonOf(err error) string {
	if broken, ok := errors.AsType[*codemanager.ConnectionError](err); ok {
		return reason(broken)
	}
	return err.Error()
}

// waitHints say what is not settled, and how to follow on.
func waitHints(err *waitError) []string {
	var lines []string
	unfinished, ok := errors.AsType[*codemanager.UnfinishedError](err)
	switch {
	case ok && !unfinished.Sent:
		return []string{"Nothing was sent."}
	case ok && unfinished.Progress != nil:
		lines = progressHints(unfinished.Progress)
	case is[*codemanager.LostError](err):
		return []string{"What to do: see what is deployed with `puppet-code status deploys`, then deploy again."}
	case !ok && !sentAndLost(err):
		return hints(err.err)
	}
	return append(lines, "The deployment goes on, it is not sent again. To follow it: "+err.follow)
}

// sentAndLost reports whether an error left a deployment behind that nobody
// waits for.
func sentAndLost(err error) bool {
	broken, ok := errors.AsType[*codemanager.ConnectionError](err)
	return ok && broken.Sent
}

func progressHints(p *codemanager.Progress) []string {
	var waiting, lines []string
	for _, e := range p.Unsettled() {
		status := e.Status
		if status == "" {
			status = "not seen yet"
		}
		waiting = append(waiting, fmt.Sprintf("%s (%s)", e.Name, status))
	}
	if len(waiting) > 0 {
		lines = append(lines, "Not settled: "+names(waiting))
	}
	if len(p.Lagging) > 0 {
		lines = append(lines, "Compilers behind: "+names(p.Lagging))
	}
	return lines
}
