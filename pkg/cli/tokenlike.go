package cli

import "regexp"

var (
	// tokenLike matches words of a token's alphabet that are as long as a token.
	tokenLike = regexp.MustCompile(`[A-Za-z0-9_.-]{40,}`)
	commitSHA = regexp.MustCompile(`^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)
)

// withoutTokens is a text without the words that may be tokens. It spares commits.
func withoutTokens(text string) string {
	return tokenLike.ReplaceAllStringFunc(text, func(word string) string {
		if commitSHA.MatchString(word) {
			return word
		}
		return "<redacted>"
	})
}
