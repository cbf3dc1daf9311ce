package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// WithSignals gives a context that the first signal to end cancels, with a
// *SignalError as its cause. A second one ends the process at once, as signals
// do. A signal that the caller made this process ignore (nohup, a background
// job of a script) stays ignored.
func WithSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
	go func() {
		select {
		case s := <-received:
			cancel(&SignalError{Signal: s})
			signal.Stop(received)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		cancel(nil)
	}
}
