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
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == '\n' || r == '\t' || shows(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(text[:size])
		} else {
			quoted := strconv.QuoteToASCII(text[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return b.String()
}

// shows reports whether a character only shows itself. Zero width joiners
// shape emoji and scripts, and hide nothing.
func shows(r rune) bool {
	return unicode.IsPrint(r) || r == '\u200c' || r == '\u200d'
}

// CleanLine is Clean on one line: line ends and tabs become spaces.
func CleanLine(text string) string { return Clean(strings.Join(strings.Fields(text), " ")) }
