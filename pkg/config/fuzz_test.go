package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzConfigFile(f *testing.F) {
	for _, text := range []string{
		`{"service-url":"https://x","cacert":"/ca.pem","token-file":"~/token"}`, "{}", "", "{\n\"cacert\": 1}", `{"cacert":"a"`, "\xef\xbb\xbf{}", `{"a":{"b":[1]}}`,
		`{"token-file":"","cacert":null}`, `{"service_url":"x","ca-cert":1,"token_file":{}}`,
		"\xff\xfe{\x00}\x00", "{\x00}\x00", "{\r\n\"cacert\":\"C:\\\\ca.pem\"\r\n}\r\n", "{\"caf\xe9\":1}", `{"cacert":"\ud800"}`, `{"\u001b[31m":1}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parseFile(text)
		if err != nil {
			if message := err.Error(); message == "" || strings.Contains(message, "jsontext") || strings.ContainsAny(message, "\x1b") {
				t.Fatalf("error %q", message)
			}
			return
		}
		for key, value := range file.settings.AllSettings() {
			if text, ok := value.(string); !ok || text == "" || !slices.Contains(keys, key) {
				t.Fatalf("%q: %v", key, value)
			}
		}
	})
}

func FuzzServiceURL(f *testing.F) {
	for _, text := range []string{"https://primary:8170/code-manager", "http://x", "https://u:p@x", "x:1", "https://[::1]:1/", "https://x?y#z", "https://%zz", "https://x?", "https://x/code-manager/v1/deploys?token=y", "https://x:4433", "https://x:8140", "https://ann:p@w@x"} {
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

// tokenFormats is the reference for matchesFormats.
var tokenFormats = regexp.MustCompile(`^(?:[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+|[A-Za-z0-9_-]+)$`)

func FuzzToken(f *testing.F) {
	for _, text := range []string{secret, secret + "\r\n", "a.b.c", "a.b", "{}", "a\nb", " ", "\x00", "\xef\xbb\xbf" + secret, "\xff\xfe0\x00", "0\x00V\x00", mistaken, "caf\xe9"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if matchesFormats(string(text)) != tokenFormats.Match(text) {
			t.Fatalf("%q: %t", text, matchesFormats(string(text)))
		}
		token, err := ParseToken(text, "file")
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
