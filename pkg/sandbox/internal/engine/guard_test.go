package engine

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// panicking is an engine that meets a repository it cannot read.
type panicking struct{}

func (panicking) Environments(context.Context) ([]string, error)  { panic("damaged") }
func (panicking) Deploy(context.Context, Request) (string, error) { panic("damaged") }

func TestPanicsAreFailures(t *testing.T) {
	guarded := Guard(panicking{}, slog.New(slog.DiscardHandler))
	_, listing := guarded.Environments(t.Context())
	_, deploying := guarded.Deploy(t.Context(), Request{})
	for _, err := range []error{listing, deploying} {
		if failure := (*Failure)(nil); !errors.As(err, &failure) || failure.Missing || !strings.Contains(failure.Output, "damaged") {
			t.Errorf("error %v, want a Failure", err)
		}
	}
}
