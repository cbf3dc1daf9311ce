package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

const (
	token    = "0Vs1xOqYb-3kZ8_wTn5RmGd7LhCj2PfUaE9iXo4SvBzN"
	password = `p"s\%41/`
)

// each gives every character of a text as one verb writes it.
func each(format, text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, format, text[i])
	}
	return b.String()
}

func TestSecretsInAnyForm(t *testing.T) {
	secrets := redact.New("", token, password)
	for in, want := range map[string]string{
		"":                           "",
		"a page of text, 100% of it": "a page of text, 100% of it",
		token:                        "<redacted>",
		token + token:                "<redacted><redacted>",
		"." + token[5:21] + ".":      ".<redacted>.",
		token[5:20]:                  token[5:20],
		"ä" + token[:30] + "\xff":    "ä<redacted>\xff",
		each("%%%02x", token):        "<redacted>",
		each("%%%02X", token) + "%":  "<redacted>%",
		each(`\u%04x`, token) + `\n`: `<redacted>\n`,
		each(`\x%02x`, token) + `\`:  `<redacted>\`,
		`"a\\` + token[:8] + each("%%%02X", token[8:]) + `\""`: `"a\\<redacted>\""`,
		`\\u0030.` + token[1:]:                                 `\\u0030.<redacted>`,
		each(`\u%04x`, token[3:19]):                            "<redacted>",
		hex.EncodeToString([]byte(token)):                      "<redacted>",
		"A" + fmt.Sprintf("%X", token) + ".":                   "A<redacted>.",
		"password=" + password + "!":                           "password=<redacted>!",
		`{"password":"p\"s\\%41\/"}`:                           `{"password":"<redacted>"}`,
		each("%%%02x", password):                               "<redacted>",
		`p\"s`:                                                 `p\"s`,
	} {
		if got := secrets.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if got := secrets.Bytes([]byte(in)); string(got) != want {
			t.Errorf("%q: bytes %q, want %q", in, got, want)
		}
		if secrets.In(in) != (in != want) {
			t.Errorf("%q: in it: %v", in, in == want)
		}
	}
	if got := (*redact.Secrets)(nil).Text(token); got != token {
		t.Errorf("without secrets: %q", got)
	}
}

// A secret can have three alignments in Base64. All its characters are removed.
func TestSecretsInBase64(t *testing.T) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 7 {
			for after := range 4 {
				for secret, known := range map[string]string{token: token[:16], "pässw?>ord": "pässw?>"} {
					text := encoding.EncodeToString([]byte(strings.Repeat("u", before) + secret + strings.Repeat(":", after)))
					got := redact.New(secret).Text("Basic " + text)
					rest := strings.Split(strings.TrimPrefix(got, "Basic "), redact.Redacted)
					if len(rest) != 2 || len(rest[0]) > before*8/6+1 || len(strings.TrimRight(rest[1], "=")) > after*8/6+2 {
						t.Errorf("%d bytes, %q..., %d bytes: %s", before, known, after, got)
					}
				}
			}
		}
	}
}

// JSON stays JSON.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"`+token+`"}`, token)
	f.Add(`["p\"s\\%41\/"]`, password)
	f.Add(`["\\u00300"]`, `\u0`)
	f.Fuzz(func(t *testing.T, text, secret string) {
		if len(secret) < 16 || strings.ContainsAny(secret, "\"\\{}[]:, \n\t\r/") || !jsontext.Value(text).IsValid() {
			t.Skip("no JSON, or a secret of another alphabet")
		}
		if got := redact.New(secret).Text(text); strings.Contains(got, secret) || strings.Contains(got, `"`) && !jsontext.Value(got).IsValid() {
			t.Errorf("%s without %s: %s", text, secret, got)
		}
	})
}
