// Package prompt asks a person at a terminal, for a secret without showing it.
package prompt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

// Secret writes a text and reads a line that the terminal does not show. When the context ends, the
// terminal shows its input again, and the error is the context's cause.
func Secret(ctx context.Context, in *os.File, out io.Writer, text string) ([]byte, error) {
	fd := int(in.Fd()) // a file descriptor fits an int
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	defer staysInForeground()()
	// The read begins first, and hides the input at once: people may type when they see the text.
	begun := make(chan struct{})
	read := guard.Start(func() ([]byte, error) {
		close(begun)
		return term.ReadPassword(fd)
	})
	<-begun
	if _, err := io.WriteString(out, text); err != nil {
		return nil, errors.Join(err, term.Restore(fd, before))
	}
	select {
	case got := <-read:
		return got.Value, got.Err
	case <-ctx.Done():
		if err := term.Restore(fd, before); err != nil {
			return nil, err
		}
		return nil, context.Cause(ctx)
	}
}

// Line writes a text and reads a line that the terminal shows, without the end of
// the line. When the context ends, the error is its cause.
func Line(ctx context.Context, in *os.File, out io.Writer, text string) (string, error) {
	if _, err := io.WriteString(out, text); err != nil {
		return "", err
	}
	select {
	case read := <-guard.Start(func() (string, error) { return readLine(in) }):
		return read.Value, read.Err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// readLine reads byte by byte, because the rest of the input is for another reader.
func readLine(in io.Reader) (string, error) {
	var line strings.Builder
	var next [1]byte
	for {
		n, err := in.Read(next[:])
		switch {
		case n == 1 && next[0] == '\n':
			return strings.TrimRight(line.String(), "\r"), nil
		case n == 1:
			line.WriteByte(next[0])
		case err != nil:
			return "", err
		}
	}
}

// Reader returns standard input, unless it is a terminal: then the first Read asks for a secret and
// returns it as a line.
func Reader(ctx context.Context, in io.Reader, out io.Writer, text string) io.Reader {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return in
	}
	return &secretReader{ask: func() ([]byte, error) { return Secret(ctx, file, out, text) }}
}

type secretReader struct {
	ask  func() ([]byte, error)
	line io.Reader
}

func (r *secretReader) Read(p []byte) (int, error) {
	if r.line == nil {
		line, err := r.ask()
		if err != nil {
			return 0, err
		}
		r.line = bytes.NewReader(line)
	}
	return r.line.Read(p)
}
