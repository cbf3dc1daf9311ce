package transport

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

// secrets are the token, the password of the proxy, and others.
func (c *Client) secrets(others ...string) redact.Secrets {
	return redact.New(append(append(c.proxy.Secrets(), c.opts.Token), others...)...)
}

// redact removes the secrets from a text of the server, with those of the request itself.
func (r *Response) redact(text string) string {
	return r.client.secrets(r.request.Secrets...).Text(text)
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
