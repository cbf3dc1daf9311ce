package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// WithSignals gives a context that the first signal to end cancels, with a
// *SignalError as its cause. A second one ends the process at once, as signals
// do. A signal that the caller made this process ignore (nohup, a background
// job of a script) stays ignored.
func WithSignals(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	guard.Go(func() {
		// To be told of signals takes the runtime a moment: the command need not
		// wait for it. A signal before that ends the process by itself.
		received := make(chan os.Signal, 1)
		for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
			if !signal.Ignored(s) {
				signal.Notify(received, s)
			}
		}
		s := <-received
		cancel(&SignalError{Signal: s})
		signal.Stop(received)
	}, cancel)
	return ctx
}
