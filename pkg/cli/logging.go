package cli

import (
	"io"
	"log/slog"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/output"
)

const levelTrace = slog.LevelDebug - 4

// logLevels are the values of --log-level, in the order of the help.
var logLevels = []string{"none", "trace", "debug", "info", "warn", "error", "fatal"}

var levels = map[string]slog.Level{
	"none": slog.LevelError + 100, "trace": levelTrace, "debug": slog.LevelDebug, "info": slog.LevelInfo,
	"warn": slog.LevelWarn, "error": slog.LevelError, "fatal": slog.LevelError + 4,
}

// newLogger writes log lines to standard error. Redact takes secrets out of them.
func newLogger(w io.Writer, level slog.Level, redact func(string) string) *slog.Logger {
	return slog.New(slog.NewTextHandler(bracketless{w, redact}, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.LevelKey && a.Value.Any() == levelTrace {
				a.Value = slog.StringValue("TRACE")
			}
			return a
		},
	}))
}

// bracketless replaces [ and ]: scripts merge both streams and take everything
// from the first [ on for the result. Secrets go first: they can have brackets.
type bracketless struct {
	w      io.Writer
	redact func(string) string
}

func (b bracketless) Write(line []byte) (int, error) {
	if _, err := io.WriteString(b.w, withoutBrackets(b.redact(string(line)))); err != nil {
		return 0, err
	}
	return len(line), nil
}

func withoutBrackets(text string) string {
	return strings.NewReplacer("[", "(", "]", ")").Replace(output.Clean(text))
}
