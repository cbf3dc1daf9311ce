package transport

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
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

// redact replaces the token and the request's own secrets in a text of the server.
func (r *Response) redact(text string) string {
	for _, secret := range r.secrets() {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// secrets are the texts that no error repeats, as they are, and as JSON and a URL have them. The
// longest comes first, for another may be part of it.
func (r *Response) secrets() []string {
	var all []string
	for _, secret := range append([]string{r.client.opts.Token}, r.request.Secrets...) {
		if secret == "" {
			continue
		}
		quoted, _ := jsontext.AppendQuote(nil, secret) // with U+FFFD for bytes that are not UTF-8
		all = append(all, secret, string(quoted[1:len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}

// snippet is the beginning of the body as an error shows it: without secrets and their parts, which
// are removed before the text is cut.
func (r *Response) snippet() string {
	if r.request.SecretAnswer && r.Status < http.StatusMultipleChoices {
		return ""
	}
	text := r.redact(string(r.head))
	for _, secret := range r.secrets() {
		text = withoutBeginning(redactParts(text, secret), secret)
	}
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

// withoutBeginning is a text without the beginning of a secret at its end: a head may stop in the
// middle of a secret that is too short to have parts.
func withoutBeginning(text, secret string) string {
	if len(secret) >= shortestPart || len(text) < 2*snippetLength {
		return text
	}
	for n := len(secret) - 1; n > 0; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return text[:len(text)-n]
		}
	}
	return text
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
