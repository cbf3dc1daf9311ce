package output

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Rules for lines that a terminal is too narrow for: they break between words,
// and what follows is indented deeper, so that it is seen where the next one begins.
// What is copied stays whole, for a line end in a shell runs what is before
// it: words, which URLs and paths are, what stands in backquotes, and a command
// that ends the line.

const wrapIndent = "  "

// Wrap breaks the lines of a text that are longer than width, escape sequences
// not counted. A width of 0 leaves it as it is.
func Wrap(s string, width int) string {
	if width <= 0 {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		content, end := strings.CutSuffix(line, "\n")
		wrapLine(&b, content, width)
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Rows is how many rows of a screen a text takes.
func Rows(s string, width int) int {
	rows := 0
	for line := range strings.Lines(s) {
		rows += max(1, (columns(strings.TrimRight(line, "\n"))+width-1)/max(width, 1))
	}
	return rows
}

func wrapLine(b *strings.Builder, line string, width int) {
	if text.StringWidthWithoutEscSequences(line) <= width {
		b.WriteString(line)
		return
	}
	begin := line[:len(line)-len(strings.TrimLeft(line, " "))]
	b.WriteString(begin)
	line = line[len(begin):]
	column := len(begin)
	for i, word := range unbreakable(line) {
		columns := text.StringWidthWithoutEscSequences(word)
		switch {
		case i == 0:
		case column+1+columns > width:
			b.WriteString("\n" + begin + wrapIndent)
			column = len(begin) + len(wrapIndent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += columns
	}
}

// unbreakable splits a line into what stays whole.
func unbreakable(line string) []string {
	var list []string
	for rest := line; ; {
		end := wordEnd(rest)
		if strings.HasPrefix(rest, "puppet-code ") && len(list) > 0 && strings.HasSuffix(list[len(list)-1], ":") {
			end = len(rest)
		}
		list = append(list, rest[:end])
		if end == len(rest) {
			return list
		}
		rest = rest[end+1:]
	}
}

// wordEnd is where the first space is that is not between backquotes.
func wordEnd(line string) int {
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '`':
			quoted = !quoted && strings.Contains(line[i+1:], "`")
		case ' ':
			if !quoted {
				return i
			}
		}
	}
	return len(line)
}
