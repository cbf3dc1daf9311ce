//go:build unix

package prompt_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/internal/prompt"
)

const secret = "0Vs1xO-test_token"

// terminal returns both ends of a terminal: for the person, and for the standard input of a
// program.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, program, err := pty.Open()
	if err != nil {
		t.Skip("there is no terminal to be had: ", err)
	}
	t.Cleanup(func() { _, _ = program.Close(), person.Close() })
	return person, program
}

// asked tells when the text was written, which is before the terminal stops to
// show its input.
type asked chan string

func (a asked) Write(p []byte) (int, error) {
	a <- string(p)
	return len(p), nil
}

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

func TestReaderHidesTheSecret(t *testing.T) {
	person, program := terminal(t)
	out := make(asked, 1)
	in := prompt.Reader(t.Context(), program, out, "Token:\n")
	if len(out) > 0 {
		t.Error("it asks before anybody wants to know")
	}
	before := stateOf(t, program)
	go func() {
		if err := hidden(program, before); err != nil {
			t.Error(err)
		}
		if _, err := io.WriteString(person, secret+"\n"); err != nil {
			t.Error(err)
		}
	}()
	got, err := io.ReadAll(in)
	if err != nil || string(got) != secret || <-out != "Token:\n" {
		t.Errorf("%q %v", got, err)
	}
	// The last line on the screen.
	if _, err := io.WriteString(program, "done\n"); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	for !strings.Contains(seen.String(), "done") {
		if _, err := io.CopyN(&seen, person, 1); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(seen.String(), secret) {
		t.Errorf("the terminal shows %q", &seen)
	}
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

func TestInputThatIsNotATerminalIsUnchanged(t *testing.T) {
	for _, in := range []io.Reader{strings.NewReader(secret), func() io.Reader {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, secret)
		_ = w.Close()
		return r
	}()} {
		out := &bytes.Buffer{}
		if got, err := io.ReadAll(prompt.Reader(t.Context(), in, out, "Token:\n")); err != nil || string(got) != secret || out.Len() > 0 {
			t.Errorf("%q %v, asked %q", got, err, out)
		}
	}
}
