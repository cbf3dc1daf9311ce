package cli

import (
	"regexp"
	"strings"
)

// tokenWord matches words of a token's alphabet.
var tokenWord = regexp.MustCompile(`[A-Za-z0-9_.-]+`)

// shortestToken is the length in characters from which a word may be a token.
const shortestToken = 40

// withoutTokens is a text without the words that may be tokens. It spares commits.
func withoutTokens(text string) string {
	return tokenWord.ReplaceAllStringFunc(text, func(word string) string {
		if len(word) < shortestToken || (len(word) == 40 || len(word) == 64) && isCommit(strings.ToLower(word)) {
			return word
		}
		return "<redacted>"
	})
}
