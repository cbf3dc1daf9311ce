package transport

import (
	"strings"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

// Redact replaces the token in a text, in any form that package redact knows.
func (c *Client) Redact(text string) string {
	return redact.New(c.opts.Token).Text(text)
}

// snippet is the beginning of a body as an error shows it: without the token and its parts, which are
// removed before the text is cut.
func (c *Client) snippet(head []byte) string {
	text := strings.ToValidUTF8(strings.TrimSpace(c.Redact(string(head))), "\uFFFD")
	if len(text) <= snippetLength {
		return text
	}
	cut := snippetLength
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
