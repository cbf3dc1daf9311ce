package config

import "strings"

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

// Presentable is a path that is safe to print: <redacted> if it is probably a token by mistake. The
// path of an existing file is always shown.
func Presentable(path string) string {
	if resemblesToken(path) && !exists(path) {
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
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = redacted + rest[at:]
	}
	at := strings.IndexAny(rest, "?#")
	if at < 0 || at == len(rest)-1 {
		return scheme + rest
	}
	return scheme + rest[:at+1] + withoutValues(rest[at+1:])
}

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
