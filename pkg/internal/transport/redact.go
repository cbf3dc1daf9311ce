package transport

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

// Redact replaces the token in a text, in any form that package redact knows.
func (c *Client) Redact(text string) string { return redact.New(c.opts.Token).Text(text) }

// redact replaces the token and the request's own secrets in a text of the server.
func (r *Response) redact(text string) string {
	return redact.New(append([]string{r.client.opts.Token}, r.request.Secrets...)...).Text(text)
}

// snippet is the beginning of the body as an error shows it: without secrets and their parts, which
// are removed before the text is cut. It is empty if the answer itself is a secret.
func (r *Response) snippet() string {
	if r.request.SecretAnswer && r.Status < http.StatusMultipleChoices {
		return ""
	}
	text := strings.ToValidUTF8(strings.TrimSpace(r.redact(string(r.Body[:min(len(r.Body), 20*snippetLength)]))), "\uFFFD")
	if len(text) <= snippetLength {
		return text
	}
	cut := snippetLength
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
