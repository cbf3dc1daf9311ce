package output

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from a server safe to show on a terminal: line ends and
// tabs stay, every other character that a terminal or a reader would take for
// an instruction (control characters, escape sequences, bidirectional
// overrides, bytes that are no UTF-8) is shown escaped, as \x1b or \u202e.
func Clean(text string) string {
	if isClean(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r == utf8.RuneError && size == 1, !shows(r):
			quoted := strconv.QuoteToASCII(text[i : i+size])
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

func isClean(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && !shows(r) {
			return false
		}
	}
	return true
}

// shows reports whether a character only shows itself. Zero width joiners
// shape emoji and scripts, and hide nothing.
func shows(r rune) bool {
	return unicode.IsPrint(r) || r == '\u200c' || r == '\u200d'
}

// CleanLine is Clean on one line: line ends and tabs become spaces.
func CleanLine(text string) string {
	if isSimple(text) {
		return text
	}
	return Clean(strings.Join(strings.Fields(text), " "))
}

// isSimple reports whether a text has ASCII alone, and blanks only between words.
func isSimple(text string) bool {
	blank := true
	for i := range len(text) {
		switch b := text[i]; {
		case b > ' ' && b <= '~':
			blank = false
		case b == ' ' && !blank:
			blank = true
		default:
			return false
		}
	}
	return !blank || text == ""
}

// LastLine is the last line of an error that r10k wrote, without the level
// and the arrow that it puts before: what went wrong, on one line. Where the
// last line only points at the one above, as that of a syntax error does, it is
// the last line that has a level.
func LastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last, _ := withoutLevel(lines[len(lines)-1])
	for i := len(lines) - 1; i >= 0 && !strings.ContainsFunc(last, unicode.IsLetter); i-- {
		if message, hasLevel := withoutLevel(lines[i]); hasLevel {
			last = message
		}
	}
	return CleanLine(last)
}

func withoutLevel(line string) (message string, hasLevel bool) {
	level, rest, ok := strings.Cut(line, "->")
	if ok {
		switch strings.TrimSpace(level) {
		case "ERROR", "FATAL", "WARN":
			return rest, true
		}
	}
	return line, false
}
