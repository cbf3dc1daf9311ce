// Package redact removes secrets from text.
package redact

import "strings"

// Redacted replaces a secret.
const Redacted = "<redacted>"

// part is the number of characters in a row of a secret that are also secret. A shorter secret is only
// found whole.
const part = 16

// Secrets are removed from text as they are. Another form of a secret, such as its base64, is a secret
// of its own.
type Secrets []string

// New returns the Secrets for these texts, without empty ones.
func New(secrets ...string) Secrets {
	var list Secrets
	for _, secret := range secrets {
		if secret != "" {
			list = append(list, secret)
		}
	}
	return list
}

// Text is a text without the secrets. Cut a text afterwards, not before: the beginning of a secret at
// its end would stay.
func (s Secrets) Text(text string) string {
	for _, secret := range s {
		if mayHave(text, secret) {
			text = without(text, secret)
		}
	}
	return text
}

// mayHave is a fast check for the usual case. Any 16 characters in a row contain one of the blocks of
// 8 into which a secret can be divided.
func mayHave(text, secret string) bool {
	if len(secret) < part {
		return strings.Contains(text, secret)
	}
	for i := 0; i+part/2 <= len(secret); i += part / 2 {
		if strings.Contains(text, secret[i:i+part/2]) {
			return true
		}
	}
	return false
}

// without replaces the longest parts of a secret in a text.
func without(text, secret string) string {
	least := min(len(secret), part)
	var b strings.Builder
	copied := 0
	for i := 0; i+least <= len(text); {
		end := i + least
		if !strings.Contains(secret, text[i:end]) {
			i++
			continue
		}
		for end < len(text) && strings.Contains(secret, text[i:end+1]) {
			end++
		}
		b.WriteString(text[copied:i] + Redacted)
		i, copied = end, end
	}
	return b.String() + text[copied:]
}
