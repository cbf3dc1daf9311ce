//go:build unix

package prompt_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/internal/prompt"
)

// hidden waits until the terminal does not show its input.
func hidden(program *os.File, before term.State) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		now, err := term.GetState(int(program.Fd()))
		if err != nil || *now != before {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("the terminal goes on showing its input")
		}
		time.Sleep(time.Millisecond)
	}
}

func stateOf(t *testing.T, program *os.File) term.State {
	t.Helper()
	state, err := term.GetState(int(program.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return *state
}

// stillRead keeps terminals open on which an interrupted prompt still reads: its last act on the file
// descriptor must not meet another file.
var stillRead []*os.File

func TestInterruptedPrompt(t *testing.T) {
	person, program, err := pty.Open()
	if err != nil {
		t.Skip("there is no terminal to be had: ", err)
	}
	stillRead = append(stillRead, person, program)
	before := stateOf(t, program)
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		if err := hidden(program, before); err != nil {
			t.Error(err)
		}
		cancel(interrupted)
	}()
	if _, err := prompt.Secret(ctx, program, io.Discard, ""); !errors.Is(err, interrupted) {
		t.Errorf("%v", err)
	}
	if after := stateOf(t, program); after != before {
		t.Errorf("the terminal is left as %+v, was %+v", after, before)
	}
}
