package redact_test

import (
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/redact"
)

const (
	token    = "0Vs1xOqYb-3kZ8_wTn5RmGd7LhCj2PfUaE9iXo4SvBzN"
	password = `p"s\%41/`
)

func TestText(t *testing.T) {
	secrets := redact.New("", token, password)
	for in, want := range map[string]string{
		"":                                "",
		"a page of text, 100% of it":      "a page of text, 100% of it",
		token:                             "<redacted>",
		token + token:                     "<redacted><redacted>",
		"." + token[5:21] + ".":           ".<redacted>.",
		token[5:20]:                       token[5:20],
		token[5:20] + "." + token[:15]:    token[5:20] + "." + token[:15],
		"ä" + token[:30] + "\xff":         "ä<redacted>\xff",
		token[:20] + token[10:40]:         "<redacted><redacted>",
		token[:43] + "\n" + token[1:]:     "<redacted>\n<redacted>",
		"password=" + password + "!":      "password=<redacted>!",
		"password=" + password[1:] + "!":  "password=" + password[1:] + "!",
		strings.Repeat(".", 9999) + token: strings.Repeat(".", 9999) + "<redacted>",
	} {
		if got := secrets.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := redact.Secrets(nil).Text(token); got != token {
		t.Errorf("without secrets: %q", got)
	}
}

// Every 16 characters of a secret are found, wherever they begin.
func TestEveryPart(t *testing.T) {
	for from := range len(token) - 15 {
		for end := from + 16; end <= len(token); end++ {
			if got := redact.New(token).Text("." + token[from:end] + "\n"); got != ".<redacted>\n" {
				t.Errorf("%d to %d: %q", from, end, got)
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(`{"a":"`+token+`"}`, token)
	f.Add(token[:20]+token, token)
	f.Fuzz(func(t *testing.T, text, secret string) {
		if secret == "" || strings.Contains(redact.Redacted, secret) { //nolint:gocritic // a secret that the mark itself contains
			return
		}
		got := redact.New(secret).Text(text)
		for _, rest := range strings.Split(got, redact.Redacted) {
			for i := 0; i+16 <= len(rest); i++ {
				if strings.Contains(secret, rest[i:i+16]) {
					t.Fatalf("%q without %q: %q", text, secret, got)
				}
			}
		}
		if !strings.Contains(text, secret) && len(secret) < 16 && got != text {
			t.Fatalf("%q without %q: %q", text, secret, got)
		}
	})
}
