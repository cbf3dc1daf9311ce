package redact

import (
	"strconv"
	"strings"
)

// unescape returns a text with its escapes replaced.
func unescape(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		char, length := escaped(text[i:])
		b.WriteByte(char)
		i += length
	}
	return b.String()
}

// escaped reads the first character of a text, or an escape for it, and returns its length in
// bytes. It leaves escapes for non-ASCII characters, because secrets have none.
func escaped(text string) (char byte, length int) {
	if text[0] != '%' && text[0] != '\\' {
		return text[0], 1
	}
	for _, form := range []struct {
		begin  string
		digits int
	}{{"%", 2}, {`\x`, 2}, {`\u`, 4}} {
		end := len(form.begin) + form.digits
		if !strings.HasPrefix(text, form.begin) || len(text) < end {
			continue
		}
		if code, err := strconv.ParseUint(text[len(form.begin):end], 16, 16); err == nil && code < 0x80 {
			return byte(code), end
		}
	}
	if len(text) > 1 && text[0] == '\\' && strings.IndexByte(`\"/`, text[1]) >= 0 {
		return text[1], 2
	}
	return text[0], 1
}
