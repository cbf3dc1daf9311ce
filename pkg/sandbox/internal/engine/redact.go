package engine

import "regexp"

// userinfo matches the user before the host of a URL, with or without a password.
var userinfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*)://([^\s/:@'"]*)(:[^\s/'"]*)?@`)

// Redact hides passwords in the URLs of a text. Over HTTP a user without a password is hidden too,
// because hosting services accept tokens there.
func Redact(text string) string {
	return userinfo.ReplaceAllStringFunc(text, func(found string) string {
		parts := userinfo.FindStringSubmatch(found)
		scheme, user, password := parts[1], parts[2], parts[3]
		switch {
		case password != "":
			return scheme + "://" + user + ":xxxxx@"
		case scheme == "http" || scheme == "https":
			return scheme + "://xxxxx@"
		default:
			return found
		}
	})
}
