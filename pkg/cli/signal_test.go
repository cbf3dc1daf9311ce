package cli

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// GNU timeout sends its signal to the program and then to its process group. The second one must
// not end the program before it has said what it knows; one that comes later must.
func TestSignalThatComesTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		received := make(chan os.Signal)
		var stopped atomic.Bool
		go endBySignal(received, cancel, func() { stopped.Store(true) })

		received <- syscall.SIGTERM
		synctest.Wait()
		signal, ok := errors.AsType[*SignalError](context.Cause(ctx))
		if !ok || signal.Signal != syscall.SIGTERM {
			t.Fatalf("the context ended with %v", context.Cause(ctx))
		}
		if stopped.Load() {
			t.Error("a signal in the same moment ends the program")
		}
		time.Sleep(oneSignal)
		synctest.Wait()
		if !stopped.Load() {
			t.Error("a later signal does not end the program")
		}
	})
}
