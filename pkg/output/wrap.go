package output

import (
	"regexp"
	"strings"
)

// Rules for lines that are too long for a terminal: they break between words, and continuation
// lines are indented deeper, except in tables, to show where the next line begins. Text that people copy stays whole,
// because a line end in a shell runs the text before it: words (including URLs and paths), text in
// backquotes, and a command at the end of a line.

const wrapIndent = "  "

// Wrap breaks the lines of a text that are longer than width, without counting escape sequences. A
// width of 0 leaves the text unchanged.
func Wrap(s string, width int) string {
	if width <= 0 {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		wrapLine(&b, line, width, wrapIndent)
	}
	return b.String()
}

// wrapCell wraps a line of a table.
func wrapCell(line string, width int) string {
	var b strings.Builder
	wrapLine(&b, line, width, "")
	return b.String()
}

// partOfName is text up to a character after which the name of an environment or of a host may break.
var partOfName = regexp.MustCompile(`[^_.-]*[_.-]?`)

// wrapName wraps the name of an environment or of a host, after its underscores, dots and dashes.
func wrapName(name string, width int) string {
	var lines []string
	line := ""
	for _, part := range partOfName.FindAllString(name, -1) {
		if line != "" && columns(line+part) > width {
			lines, line = append(lines, line), ""
		}
		line += part
	}
	return strings.Join(append(lines, line), "\n")
}

func wrapLine(b *strings.Builder, line string, width int, indent string) {
	if columns(line) <= width {
		b.WriteString(line)
		return
	}
	begin := line[:len(line)-len(strings.TrimLeft(line, " "))]
	b.WriteString(begin)
	column := len(begin)
	for i, part := range unbreakable(line[len(begin):]) {
		wide := columns(part)
		switch {
		case i == 0:
		case column+1+wide > width:
			b.WriteString("\n" + begin + indent)
			column = len(begin) + len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(part)
		column += wide
	}
}

// word is text up to the first space that is not between backquotes.
var word = regexp.MustCompile("^(?:`[^`]*`|[^ ])*")

// unbreakable splits a line into the parts that stay whole.
func unbreakable(line string) []string {
	var list []string
	for rest := line; ; {
		end := len(word.FindString(rest))
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
