package cli

import (
	"regexp"
	"strings"
)

// withoutTokens is a text without the words in it that are probably tokens: of 40 and more
// characters of a token's alphabet, in upper and lower case. That spares commits, which are
// hexadecimal digits, and names of hosts, branches and environments.
func withoutTokens(text string) string {
	return regexp.MustCompile(`[A-Za-z0-9_.-]{40,}`).ReplaceAllStringFunc(text, func(word string) string {
		if strings.ToLower(word) == word || strings.ToUpper(word) == word {
			return word
		}
		return "<redacted>"
	})
}
