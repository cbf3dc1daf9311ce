package config

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzConfigFile(f *testing.F) {
	for _, text := range []string{
		`{"service-url":"https://x","cacert":"/ca.pem","token-file":"~/token"}`, "{}", "", "{\n\"cacert\": 1}", `{"cacert":"a"`, "\xef\xbb\xbf{}", `{"a":{"b":[1]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := parseFile(text)
		if err != nil {
			if message := err.Error(); message == "" || strings.Contains(message, "jsontext") || strings.ContainsAny(message, "\x1b") {
				t.Fatalf("error %q", message)
			}
			return
		}
		for key, value := range values.settings {
			if _, ok := value.(string); !ok || !known(key) {
				t.Fatalf("%q: %v", key, value)
			}
		}
	})
}

func FuzzPuppetConf(f *testing.F) {
	for _, text := range []string{"[main]\nserver=primary\n", "[agent]\nserver = a b\n", "server", "[", "[agent]\nserver=\"x\"\n", "[a]\n\\\n=\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		server, err := parsePuppetConf(text)
		if err != nil || server == "" {
			return
		}
		if address, err := serviceURLOf(server); err == nil {
			if parsed, err := url.Parse(address); err == nil && parsed.User != nil {
				t.Fatalf("%q became %q", server, address)
			}
		}
	})
}

func FuzzServiceURL(f *testing.F) {
	for _, text := range []string{"https://primary:8170/code-manager", "http://x", "https://u:p@x", "x:1", "https://[::1]:1/", "https://x?y#z", "https://%zz"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		endpoint, err := configOf(text).Endpoint()
		if err != nil {
			return
		}
		parsed, err := url.Parse(endpoint)
		if err != nil || parsed.Scheme != "https" || parsed.User != nil || parsed.Hostname() == "" || parsed.RawQuery != "" {
			t.Fatalf("%q became %q: %v", text, endpoint, err)
		}
	})
}

// tokenFormats says what matchesFormats must.
var tokenFormats = regexp.MustCompile(`^(?:[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+|[A-Za-z0-9_-]+)$`)

func FuzzToken(f *testing.F) {
	for _, text := range []string{secret, secret + "\r\n", "a.b.c", "a.b", "{}", "a\nb", " ", "\x00"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if matchesFormats(string(text)) != tokenFormats.Match(text) {
			t.Fatalf("%q: %t", text, matchesFormats(string(text)))
		}
		token, err := parseToken(text, "file")
		if err != nil {
			if len(text) > 12 && utf8.Valid(text) && strings.Contains(err.Error(), string(text)) {
				t.Fatalf("the token is in the error: %v", err)
			}
			return
		}
		if !tokenFormats.MatchString(token.Reveal()) || strings.ContainsAny(token.Reveal(), "\r\n \x00") {
			t.Fatalf("%q is a token", token.Reveal())
		}
	})
}
