package cli

import (
	"io"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/console"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// Stream is standard output or standard error, with the properties of its terminal.
type Stream struct {
	io.Writer
	// Terminal is true if it is a terminal.
	Terminal bool
	// Plain is true for a terminal that shows escape sequences as text: it gets no colours and no
	// live view.
	Plain bool
	// Size returns the current columns and lines of the terminal; nil if it is not a terminal.
	Size func() (width, height int)
}

// size is 80 columns and 24 lines if the terminal does not report its size.
func (s Stream) size() (width, height int) {
	if s.Size != nil {
		if width, height = s.Size(); width > 0 && height > 0 {
			return width, height
		}
	}
	return 80, 24
}

// wrap breaks long lines on a terminal. Elsewhere they stay whole, because scripts search them.
func (s Stream) wrap(text string) string {
	if !s.Terminal {
		return text
	}
	width, _ := s.size()
	return output.Wrap(text, width)
}

// watchedWriter keeps the first error of writing.
type watchedWriter struct {
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// System has everything that commands use from their process, so that tests can replace it.
type System struct {
	In       io.Reader
	Out, Err Stream
	// LookupEnv reads an environment variable, as os.LookupEnv does.
	LookupEnv func(string) (string, bool)
	// Paths are the paths of the configuration.
	Paths config.Paths
	// Build is the output of --version. Its Version is in the User-Agent header.
	Build version.Info
}

// NewSystem returns the System of this process.
func NewSystem(build version.Info, goos string) System {
	return System{
		In:        os.Stdin,
		Out:       newStream(os.Stdout),
		Err:       newStream(standardError()),
		LookupEnv: os.LookupEnv,
		Paths:     config.DefaultPaths(goos, config.HomeDir()),
		Build:     build,
	}
}

func newStream(file *os.File) Stream {
	fd := int(file.Fd()) // a file descriptor fits an int
	s := Stream{Writer: file, Terminal: term.IsTerminal(fd)}
	if s.Terminal {
		s.Plain = !console.EnableVT(file)
		s.Size = func() (width, height int) {
			width, height, _ = term.GetSize(fd)
			return width, height
		}
	}
	return s
}

// style decides about colours: NO_COLOR (no-color.org) turns them off, else CLICOLOR_FORCE and
// FORCE_COLOR turn them on, else a terminal has them unless TERM=dumb.
func (s System) style(stream Stream) output.Style {
	width := 0
	if stream.Terminal {
		width, _ = stream.size()
	}
	forced := func(name string) bool { return !slices.Contains([]string{"", "0", "false"}, s.env(name)) }
	return output.Style{
		Width: width,
		Color: s.env("NO_COLOR") == "" && (s.draws(stream) || forced("CLICOLOR_FORCE") || forced("FORCE_COLOR")),
	}
}

// draws reports whether a stream is a terminal that understands escape sequences.
func (s System) draws(stream Stream) bool {
	return stream.Terminal && !stream.Plain && s.env("TERM") != "dumb"
}

// env is the value of an environment variable, "" if it is not set.
func (s System) env(name string) string {
	value, _ := s.LookupEnv(name)
	return value
}

// style is the style of a stream. It removes the same secrets as the stream.
func (a *app) style(stream Stream) output.Style {
	style := a.sys.style(stream)
	style.Redact = func(text string) string { return text }
	if r, ok := stream.Writer.(*redactor); ok {
		style.Redact = r.redact
	}
	return style
}
