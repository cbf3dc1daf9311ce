package cli

import (
	"strings"
	"testing"
)

func TestWithoutTokens(t *testing.T) {
	const token = "0Vs1xOgeheimAbCdEfGhIjKlMnOpQrStUvWxYz012345"
	for text, want := range map[string]string{
		"unknown flag: --" + token:                               "unknown flag: <redacted>",
		`invalid argument "` + token + `" for --log-level`:       `invalid argument "<redacted>" for --log-level`,
		"eyJhbGciOiJSUzUxMiJ9.eyJpc3MiOiJhZG1pbiJ9.gCXZVMJ1TwRK": "<redacted>",
	} {
		if got := withoutTokens(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, text := range []string{
		strings.Repeat("0123456789abcdef", 4), strings.ToUpper(strings.Repeat("0123456789abcdef", 3)[:40]),
		"A Sentence of Short Words, in Upper and Lower Case, is not a Token.",
	} {
		if got := withoutTokens(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
