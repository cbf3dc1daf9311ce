package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// oneSignal is how long more signals count as the first one. GNU timeout sends its signal to the
// program and then to its process group, so the program gets it twice.
const oneSignal = time.Second / 2

// WithSignals returns a context that the first signal cancels, with a *SignalError as its cause. A
// second signal, at least half a second later, ends the process at once. A signal that the caller
// made this process ignore (nohup, a background job of a script) stays ignored.
func WithSignals(parent context.Context) context.Context {
	received := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) {
			signal.Notify(received, s)
		}
	}
	ctx, cancel := context.WithCancelCause(parent)
	go endBySignal(received, cancel, func() { signal.Stop(received) })
	return ctx
}

func endBySignal(received <-chan os.Signal, cancel context.CancelCauseFunc, stop func()) {
	cancel(&SignalError{Signal: <-received})
	time.Sleep(oneSignal)
	stop()
}
