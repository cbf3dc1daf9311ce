package config

import (
	"net/url"
	"strconv"
	"strings"
)

// redacted replaces secrets in output.
const redacted = "<redacted>"

// shortestToken is the length from which a text can be a token, in characters.
// Those of PE have 44.
const shortestToken = 30

// resemblesToken reports whether a text that should be something else, such as a path, is probably
// a token, as in --token-file "$TOKEN". A host name with three long labels is not, because JSON Web
// Tokens begin with eyJ.
func resemblesToken(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) < shortestToken || !matchesFormats(text) {
		return false
	}
	return !strings.Contains(text, ".") || strings.HasPrefix(text, "eyJ")
}

// Presentable is a path that is safe to print: <redacted> if it is probably a token or the text of a
// PEM file by mistake. The path of an existing file is always shown.
func Presentable(path string) string {
	if (resemblesToken(path) || resemblesPEM(path)) && !exists(path) {
		return redacted
	}
	return path
}

// presentableURL is a URL, valid or not, that is safe to print: <redacted> if a part of it may be a
// secret, such as a user, a query, or a password where the port is.
func presentableURL(text string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(text), "http://"), "https://")
	parsed, err := url.Parse("https://" + strings.TrimLeft(rest, "/"))
	if err != nil || !validPort(parsed.Port()) || strings.ContainsAny(rest, "@?#") || strings.Contains(rest, "://") || resemblesToken(text) {
		return redacted
	}
	return text
}

// validPort reports whether a port is one, or missing.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// resemblesPEM reports whether a text is the text of a PEM file.
func resemblesPEM(text string) bool { return strings.Contains(text, "-----BEGIN") }
