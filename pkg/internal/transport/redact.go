package transport

import (
	"strings"
	"unicode/utf8"
)

const redacted = "<redacted>"

// Redact replaces the token in a text.
func (c *Client) Redact(text string) string {
	if c.opts.Token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.opts.Token, redacted)
}

// shortestPart is how many characters in a row of the token are a secret, too.
const shortestPart = 16

// snippet is the beginning of a body as an error shows it: without the token and its parts, which are
// removed before the text is cut.
func (c *Client) snippet(head []byte) string {
	text := redactParts(c.Redact(string(head)), c.opts.Token)
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if len(text) <= snippetLength {
		return text
	}
	cut := snippetLength
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// redactParts replaces parts of a token: a server may show less than all of it, and what is read of a
// body may end in its middle.
func redactParts(text, token string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := 0
		for i+n < len(text) && strings.Contains(token, text[i:i+n+1]) {
			n++
		}
		if n < shortestPart {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteString(redacted)
		i += n
	}
	return b.String()
}
