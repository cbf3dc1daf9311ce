//go:build unix

package cli

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// A signal that comes as soon as WithSignals has returned cancels the context. If it were not
// registered yet, it would end this test's process.
func TestSignalAtTheStart(t *testing.T) {
	ctx := WithSignals(t.Context())
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Fatal("the signal did not cancel the context")
	}
	if signal, ok := errors.AsType[*SignalError](context.Cause(ctx)); !ok || signal.Signal != syscall.SIGTERM {
		t.Errorf("the context ended with %v", context.Cause(ctx))
	}
}
