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

// presentableURL is a URL, valid or not, without its secrets: the user, the password, and the
// values of a query or a fragment.
func presentableURL(text string) string {
	if resemblesToken(text) {
		return redacted
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if ok {
		scheme += "://"
	} else {
		scheme, rest = "", text
	}
	scheme = presentableScheme(scheme)
	user := ""
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		user, rest = redacted+"@", rest[at+1:]
	}
	query := ""
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		rest, query = rest[:at], rest[at:at+1]+withoutValues(rest[at+1:])
	}
	// In https://NAME:PASSWORD/ the password stands where the port is.
	if parsed, err := url.Parse("https://" + strings.TrimLeft(rest, "/")); err != nil || !validPort(parsed.Port()) {
		return scheme + redacted
	}
	return scheme + user + rest + query
}

// presentableScheme is a scheme with its ://, or without.
func presentableScheme(scheme string) string {
	if strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+:/") != "" {
		return redacted
	}
	return scheme
}

// validPort reports whether a port is one, or missing.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// resemblesPEM reports whether a text is the text of a PEM file.
func resemblesPEM(text string) bool { return strings.Contains(text, "-----BEGIN") }

// withoutValues keeps the names of a query: token=<redacted>.
func withoutValues(query string) string {
	parts := strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == '#' || r == '?' })
	for i, part := range parts {
		name, _, named := strings.Cut(part, "=")
		if !named || resemblesToken(name) {
			parts[i] = redacted
			continue
		}
		parts[i] = name + "=" + redacted
	}
	return strings.Join(parts, "&")
}
