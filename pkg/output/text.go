package output

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from a server safe to show on a terminal. Line ends and tabs stay. Every other
// character that a terminal or a reader would interpret (control characters, escape sequences,
// bidirectional overrides, invalid UTF-8) is escaped, as \x1b or \u202e.
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

// isSimple reports whether a text is ASCII, with spaces only between words.
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
