package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/follow"
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

// deployEnded is the error of a deployment whose wait ended without an outcome. State is what was seen
// of it, nil if nothing of it is under way.
func (a *app) deployEnded(err error, state *follow.State, environments []string) error {
	if len(environments) == 0 && state != nil {
		environments = environmentNames(state) // of --all
	}
	watch := a.watchCommand(environments)
	unfinished, isUnfinished := errors.AsType[*follow.UnfinishedError](err)
	ended := &exitError{err: err, status: ExitUnknown, failed: failuresIn(state, "so far"), open: true}
	switch {
	case isUnfinished && !unfinished.Sent:
		ended.status, ended.failed, ended.advice = ExitFailure, nil, []string{"No deployment was requested."}
	case isUnfinished:
		ended.advice = append(stateLines(state), "The deployment may still be running. To watch it: "+watch)
	case is[*follow.UnknownError](err):
		ended.advice = append(stateLines(state), "What to do: check the state before you deploy again: "+watch)
	default:
		return fromServer(err)
	}
	return ended
}

// watchEnded is the error of a watch: a verdict, or an end without an outcome. Again is the command for the
// same watch. Nil stays nil.
func (a *app) watchEnded(err error, state *follow.State, again string) error {
	status := ExitFailure
	switch isUnknown := is[*follow.UnknownError](err); {
	case err == nil, is[*exitError](err):
		return err
	case isUnknown:
		status = ExitUnknown
	case !is[*follow.UnfinishedError](err):
		return fromServer(err)
	}
	advice := append(stateLines(state), "To keep waiting: "+again)
	return &exitError{err: err, status: status, advice: advice, failed: failuresIn(state, "when last deployed"), open: true}
}

// failuresIn are the environments of a state that have failed, nil if none have. When says when they
// failed.
func failuresIn(state *follow.State, when string) *failures {
	if state == nil || state.Failed() == 0 {
		return nil
	}
	return &failures{list: failedOf(state), all: len(state.Environments), when: when}
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
	return opts, func() {
		view.Stop()
		a.view = nil
	}
}

// newView shows a wait: live on a terminal without a debug log, otherwise in lines.
func (a *app) newView() output.View {
	if a.sys.draws(a.sys.Err) && !a.logger().Enabled(context.Background(), slog.LevelDebug) {
		return output.NewLiveView(frameStream{a.secrets.err}, a.style(a.sys.Err), a.sys.Err.size, reasonOf)
	}
	return output.NewLineView(func(line string) { a.write(withoutBrackets(line)) }, a.style(a.sys.Err), reasonOf)
}

// warnPassedOver names the compilers that a success did not wait for. The advice of an error has them too.
func (a *app) warnPassedOver(state *follow.State) {
	if state == nil {
		return
	}
	switch down := state.Hosts(follow.Down); {
	case len(down) == 0:
	case len(down) == len(state.Compilers):
		a.say("Warning: did not wait for any compiler, because none has checked in for 15 minutes, or ever: %s.", names(down))
	default:
		a.say("Warning: did not wait for compilers that have not checked in for 15 minutes, or never did: %s.", names(down))
	}
}

// watchCommand is the command to watch the deployment of environments. Many are watched as all are.
func (a *app) watchCommand(environments []string) string {
	words := []string{"status", "deploys"}
	if len(environments) <= most {
		words = append(words, environments...)
	}
	return a.command(append(words, "--watch"))
}

// command is a command of this program, with the options for the connection.
func (a *app) command(words []string) string {
	words = append([]string{"puppet-code"}, words...)
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

var plainWord = regexp.MustCompile(`^[a-zA-Z0-9_./:=,@%+~-]+$`)

// quoted quotes a word for a POSIX shell.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// cannotWrite adds the context to an error of writing.
func cannotWrite(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write the result to standard output: %w", err)
	}
	return nil
}
