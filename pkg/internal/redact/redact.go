// Package redact removes secrets from text, including parts and encodings of them, in which servers
// and proxies may repeat the headers of a request.
package redact

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Redacted replaces a secret.
const Redacted = "<redacted>"

const (
	// part is the number of consecutive characters of a secret or its encoding that are also
	// secret.
	part = 16
	// leastEncoded is the minimum length of secrets whose encodings are searched for: encodings of
	// shorter ones could occur in any text.
	leastEncoded = 8
)

// Secrets are removed from text. They are found literally, with escapes of JSON, Go or URLs
// (\u0061, \x61, %61), in hexadecimal, and anywhere in base64; of texts with 16 characters or more
// any 16 in a row. A nil pointer has no secrets.
type Secrets struct {
	parts map[string]bool
	// pairs has every two bytes that follow each other in a part: most texts have few of them, and are
	// read 15 bytes at a time.
	pairs [1 << 16]bool
	// whole are texts that are too short for parts.
	whole []string
}

// New returns the Secrets for these texts, without empty ones.
func New(secrets ...string) *Secrets {
	s := &Secrets{parts: map[string]bool{}}
	for _, secret := range secrets {
		// Text in which escapes are replaced has such a secret in the same way.
		for _, text := range append(encodings(secret), secret, unescape(secret)) {
			s.add(text)
		}
	}
	return s
}

func (s *Secrets) add(text string) {
	if len(text) < part {
		if text != "" && !slices.Contains(s.whole, text) {
			s.whole = append(s.whole, text)
		}
		return
	}
	for i := range len(text) - part + 1 {
		s.parts[text[i:i+part]] = true
	}
	for i := range len(text) - 1 {
		s.pairs[pair(text, i)] = true
	}
}

func pair[T string | []byte](text T, i int) int { return int(text[i])<<8 | int(text[i+1]) }

// encodings are hexadecimal, and base64 of a secret in the midst of other text.
func encodings(secret string) []string {
	if len(secret) < leastEncoded {
		return nil
	}
	lower := hex.EncodeToString([]byte(secret))
	list := []string{lower, strings.ToUpper(lower)}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := encoding.EncodeToString([]byte(strings.Repeat("x", before) + secret))
			// The first and the last character may depend on the text around the secret.
			list = append(list, text[(before*8+5)/6:(before+len(secret))*8/6])
		}
	}
	return list
}

// Text is a text without the secrets.
func (s *Secrets) Text(text string) string {
	if s == nil {
		return text
	}
	if strings.IndexByte(text, '%') >= 0 || strings.IndexByte(text, '\\') >= 0 { // much faster than ContainsAny
		text = replace(text, find(s, unescape(text)), escaped)
	}
	return replace(text, find(s, text), func(string) (byte, int) { return 0, 1 })
}

// Bytes is Text for bytes. It copies only a text with a secret or with escapes.
func (s *Secrets) Bytes(text []byte) []byte {
	if s == nil || bytes.IndexByte(text, '%') < 0 && bytes.IndexByte(text, '\\') < 0 && len(find(s, text)) == 0 {
		return text
	}
	return []byte(s.Text(string(text)))
}

// In reports whether a text contains a secret.
func (s *Secrets) In(text string) bool { return s.Text(text) != text }

// span is from a first byte to before a last.
type span struct{ from, to int }

// find returns the places of secrets in order, without overlaps.
func find[T string | []byte](s *Secrets, text T) []span {
	var found []span
	for i := 0; i+part <= len(text); {
		switch {
		case !s.pairs[pair(text, i+part-2)]:
			i += part - 1
		case !s.pairs[pair(text, i)] || !s.parts[string(text[i:i+part])]:
			i++
		default:
			from := i
			for i++; i+part <= len(text) && s.parts[string(text[i:i+part])]; i++ {
			}
			found = append(found, span{from, i + part - 1})
			i += part - 1
		}
	}
	for _, secret := range s.whole {
		rest, from := string(text), 0
		for at := strings.Index(rest, secret); at >= 0; at = strings.Index(rest, secret) {
			from += at + len(secret)
			rest = rest[at+len(secret):]
			found = append(found, span{from - len(secret), from})
		}
	}
	return merged(found)
}

func merged(found []span) []span {
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var list []span
	for _, next := range found {
		if last := len(list) - 1; last >= 0 && next.from < list[last].to {
			list[last].to = max(list[last].to, next.to)
		} else {
			list = append(list, next)
		}
	}
	return list
}

// replace replaces the spans with Redacted. The spans count characters of this text; next returns
// the length of a character in bytes.
func replace(text string, spans []span, next func(string) (char byte, length int)) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	place := 0
	for i := 0; i < len(text); place++ {
		_, length := next(text[i:])
		if len(spans) > 0 && place == spans[0].to {
			spans = spans[1:]
		}
		switch {
		case len(spans) == 0 || place < spans[0].from:
			b.WriteString(text[i : i+length])
		case place == spans[0].from:
			b.WriteString(Redacted)
		}
		i += length
	}
	return b.String()
}
