package config

import "strings"

// redacted stands wherever a secret would be printed.
const redacted = "<redacted>"

// shortestToken is the length from which a text can be a token, in characters.
// Those of PE have 44.
const shortestToken = 30

// resemblesToken reports whether a text that should be something else, such as
// a path, is a token by mistake: $TOKEN given to --token-file. A host name of
// three long labels is none, for JSON Web Tokens begin with eyJ.
func resemblesToken(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) < shortestToken || !matchesFormats(text) {
		return false
	}
	return !strings.Contains(text, ".") || strings.HasPrefix(text, "eyJ")
}

// Presentable is a path as it can be printed: <redacted> if it is probably a
// token in the wrong place. A file that exists is shown whatever its name.
func Presentable(path string) string {
	if resemblesToken(path) && !exists(path) {
		return redacted
	}
	return path
}

// presentableURL is a URL without its secrets, whatever is wrong with it: the
// user and the password, and the values of a query or a fragment.
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
