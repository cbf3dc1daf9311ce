package prompt

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/guard"
)

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
