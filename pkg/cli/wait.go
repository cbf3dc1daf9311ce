package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// timeoutError is the cause of a context that --timeout ended.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("timed out after %s (--timeout)", e.limit) }

// Is makes errors.Is(err, context.DeadlineExceeded) true.
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// withTimeout limits a context to --timeout, if it is set.
func withTimeout(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, &timeoutError{limit})
}

// waitError is a wait that ended without an outcome, with the command to keep watching.
type waitError struct {
	err   error
	watch string
	// deploys is true for a deployment, false for a wait without a request.
	deploys bool
	// deletes is true if the environments should be deleted.
	deletes bool
	// instead says which commit is deployed instead of the expected one, "" if there is no such
	// commit.
	instead string
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

// state is the last state that the wait saw, nil without a look.
func (e *waitError) state() *follow.State {
	state := lastState(e.err)
	if unfinished, ok := errors.AsType[*follow.UnfinishedError](e.err); ok && !e.deploys {
		state = unfinished.State
	}
	if state != nil && e.deletes {
		state = asDeletion(state)
	}
	return state
}

// failed are the environments that had failed when the wait ended.
func (e *waitError) failed() *failedError {
	state := e.state()
	if state == nil || state.Failed() == 0 {
		return nil
	}
	failed := &failedError{failed: failedOf(state), all: len(state.Environments), when: "when last deployed"}
	if e.deploys {
		failed.when = "so far"
	}
	return failed
}

// watchOptions starts a view, which owns standard error until stop is called. With --quiet there is
// no view; the wait is the same. Deletes is true if the environments should be deleted.
func (a *app) watchOptions(deletes bool) (opts follow.Options, stop func()) {
	logger := a.logger()
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		opts.Logger = logger
	}
	if a.quiet {
		return opts, func() {}
	}
	view := a.newView()
	a.view = view
	opts.Observe = view.Event
	if deletes {
		opts.Observe = observesDeletion(view.Event)
	}
	end := func() {}
	if live, ok := view.(*output.LiveView); ok {
		end = suspends(live)
	}
	return opts, func() {
		end()
		view.Stop()
		a.view = nil
	}
}

// newView shows a wait: live on a terminal without a debug log, otherwise in lines.
func (a *app) newView() output.View {
	if a.sys.draws(a.sys.Err) && !a.logger().Enabled(context.Background(), slog.LevelDebug) {
		return output.NewLiveView(screen{a.secrets.err}, a.style(a.sys.Err), a.sys.Err.size, &a.news)
	}
	return output.NewLineView(func(line string) { a.write(withoutBrackets(line)) }, a.style(a.sys.Err), &a.news)
}

// warnPassedOver names the compilers that a wait did not wait for.
func (a *app) warnPassedOver(state *follow.State) {
	if state == nil {
		return
	}
	switch down := state.Hosts(follow.Down); {
	case len(down) == 0:
	case len(down) == len(state.Compilers):
		a.notice("Warning: did not wait for any compiler, because each last checked in more than 15 minutes ago: %s.", names(down))
	default:
		a.notice("Warning: did not wait for compilers that last checked in more than 15 minutes ago: %s.", names(down))
	}
}

// watchCommand is the command to keep watching, with the necessary options.
func (a *app) watchCommand(environments []string) string {
	words := []string{"puppet-code", "status", "deploys"}
	words = append(words, environments...)
	words = append(words, "--watch")
	for _, name := range []string{"config-file", "service-url", "cacert", "token-file", "use-cn-verification", "insecure"} {
		switch flag := a.set.Lookup(name); {
		case flag == nil || !flag.Changed || flag.Value.String() == "-":
		case flag.NoOptDefVal == "":
			words = append(words, "--"+name, flag.Value.String())
		case flag.Value.String() == "true":
			words = append(words, "--"+name)
		}
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

var plainWord = pattern.New(`^[a-zA-Z0-9_./:=,@%+~-]+$`)

// quoted quotes a word for a POSIX shell.
func quoted(word string) string {
	if plainWord().MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// written adds the context to an error of writing.
func written(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write the result to standard output: %w", err)
	}
	return nil
}
