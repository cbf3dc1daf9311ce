package cli

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/console"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// Stream is standard output or standard error, and what is at its other end.
type Stream struct {
	io.Writer
	// Terminal is true where a person reads it on a screen.
	Terminal bool
	// Plain is true for a terminal that shows escape sequences as text: nothing is drawn in place or
	// coloured there.
	Plain bool
	// Width of the terminal in columns; 0 where it is none.
	Width int
	// Size asks for the terminal's columns and lines as they are now; nil where
	// it is none.
	Size func() (width, height int)
}

// size is that of an ordinary terminal where nothing better is known.
func (s Stream) size() (width, height int) {
	if s.Size != nil {
		if width, height = s.Size(); width > 0 && height > 0 {
			return width, height
		}
	}
	return 80, 24
}

// wrap breaks long lines for a person. Elsewhere they stay whole: scripts search
// them.
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

// System is all that the commands take from the process they run in, so that
// tests can give them something else.
type System struct {
	In       io.Reader
	Out, Err Stream
	// LookupEnv reads an environment variable, as os.LookupEnv does.
	LookupEnv func(string) (string, bool)
	// Paths are where configuration is looked for.
	Paths config.Paths
	// Version is that of the program, as servers are told.
	Version string
	// About is what --version says: the version, and what it was built from.
	// Empty is the version alone.
	About string
	// CacheDir is where the names of environments are kept for completion; ""
	// where there is no such place.
	CacheDir string
}

// NewSystem takes all of it from this process.
func NewSystem(build version.Info, goos string) System {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = ""
	}
	return System{
		In:        os.Stdin,
		Out:       newStream(os.Stdout),
		Err:       newStream(os.Stderr),
		LookupEnv: os.LookupEnv,
		Paths:     config.DefaultPaths(goos, config.HomeDir()),
		Version:   build.Version,
		About:     build.String(),
		CacheDir:  cache,
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
		s.Width, _ = s.Size()
	}
	return s
}

// style decides about colours: by this stream and TERM=dumb; by CLICOLOR_FORCE
// and FORCE_COLOR, which want them anywhere; by NO_COLOR (no-color.org), which
// wins over these.
func (s System) style(stream Stream) output.Style {
	is := func(name string) bool {
		value, _ := s.LookupEnv(name)
		return value != ""
	}
	forced := func(name string) bool {
		value, _ := s.LookupEnv(name)
		return value != "" && value != "0" && value != "false"
	}
	term, _ := s.LookupEnv("TERM")
	able := stream.Terminal && !stream.Plain && term != "dumb"
	return output.Style{
		Width: stream.Width,
		Color: !is("NO_COLOR") && (able || forced("CLICOLOR_FORCE") || forced("FORCE_COLOR")),
	}
}

// style is that of one of our streams: it leaves out the secrets that the stream does.
func (a *app) style(stream Stream) output.Style {
	style := a.sys.style(stream)
	style.Redact = func(text string) string { return text }
	if r, ok := stream.Writer.(*redactor); ok {
		style.Redact = r.redact
	}
	return style
}
