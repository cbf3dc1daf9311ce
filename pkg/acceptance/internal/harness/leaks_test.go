package harness

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// The scanner finds a secret in every form, and has no false alarms.
func TestSecretScannerFindsSecrets(t *testing.T) {
	const other = `hunter"2`
	escapes := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(RawToken) {
			b.WriteString(format[:len(format)-1])
			b.WriteString(hex.EncodeToString([]byte{c}))
		}
		return b.String()
	}
	for form, text := range map[string]string{
		"whole": RawToken, "a part": RawToken[7:23], "another secret": other,
		"wrapped":      "│ " + RawToken[:12] + "  \n   " + RawToken[12:],
		"coloured":     RawToken[:10] + "\x1b[31m" + RawToken[10:] + "\x1b[0m",
		"drawn":        RawToken[:10] + "\r\x1b[K" + RawToken[10:],
		"percent":      escapes("%x"),
		"JSON":         escapes(`\u00x`),
		"Go":           escapes(`\xx`),
		"quoted":       `{"password":"hunter\"2"}`,
		"hex":          "x0" + hex.EncodeToString([]byte(RawToken)),
		"base64":       base64.StdEncoding.EncodeToString([]byte(RawToken)),
		"basic":        "Basic " + base64.StdEncoding.EncodeToString([]byte("token:"+RawToken)),
		"URL-safe":     base64.URLEncoding.EncodeToString([]byte("a:" + RawToken + ":b")),
		"lines of it":  base64.StdEncoding.EncodeToString([]byte(RawToken))[:30] + "\n" + base64.StdEncoding.EncodeToString([]byte(RawToken))[30:],
		"a JSON of it": strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(RawToken+"?")), "w", `\u0077`),
	} {
		if Leaked("Error: "+text+".", RawToken, other) == "" {
			t.Errorf("does not see it %s: %q", form, text)
		}
	}
	for _, text := range []string{"", RawToken[:15], "<redacted>", `hunter\"`, "an error of https://primary.example.com:8170/code-manager/v1/deploys"} {
		if form := Leaked(text, RawToken, other, ""); form != "" {
			t.Errorf("%q: sees it %s", text, form)
		}
	}
}
