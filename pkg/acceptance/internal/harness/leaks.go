package harness

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// leakedPart is how many consecutive characters of a secret count as a leak.
const leakedPart = 16

// Leaked is the form in which a text contains a secret, or 16 consecutive characters of it; "" if
// it contains no secret. A shorter secret must be complete. It searches the text itself, its joined
// lines and table cells, and its decoded escapes and encodings.
func Leaked(text string, secrets ...string) string {
	for _, view := range views(text) {
		for _, secret := range secrets {
			size := min(leakedPart, len(secret))
			for i := 0; size > 0 && i+size <= len(secret); i++ {
				if strings.Contains(view.text, secret[i:i+size]) {
					return view.form
				}
			}
		}
	}
	return ""
}

type view struct{ form, text string }

var (
	escapeSequence = regexp.MustCompile("\x1b(\\[[0-9;?]*[ -/]*[@-~]|[78])")
	lineBreak      = regexp.MustCompile(`[ \t]*\r?\n[ \t]*`)
	hexRun         = regexp.MustCompile(`[0-9a-fA-F]{32,}`)
	base64Run      = regexp.MustCompile(`[A-Za-z0-9+/_-]{22,}`)
	percentEscape  = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	charEscape     = regexp.MustCompile(`\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|["\\/])`)
)

// views are all forms of a text: joined, unescaped and decoded.
func views(text string) []view {
	plain := escapeSequence.ReplaceAllString(text, "")
	list := []view{{"as it is", text}, {"without escape sequences", plain}, {"broken over lines", lineBreak.ReplaceAllString(plain, "")}}
	for _, v := range list {
		percent := percentEscape.ReplaceAllStringFunc(v.text, func(s string) string { c, _ := url.PathUnescape(s); return c })
		chars := charEscape.ReplaceAllStringFunc(v.text, unescaped)
		list = append(list, view{"percent-encoded, " + v.form, percent}, view{"in escapes, " + v.form, chars})
	}
	for _, v := range list {
		list = append(list, view{"in hexadecimal, " + v.form, decodedRuns(hexRun, v.text, 2, hex.DecodeString)},
			view{"in base64, " + v.form, decodedRuns(base64Run, v.text, 4, fromBase64)})
	}
	return list
}

func unescaped(s string) string {
	if strings.ContainsAny(s[1:2], `"\/`) {
		return s[1:]
	}
	digits, base := strings.TrimLeft(s, `\xu`), 16
	if s[1] != 'x' && s[1] != 'u' {
		base = 8
	}
	code, _ := strconv.ParseUint(digits, base, 21)
	return string(rune(code))
}

// decodedRuns decodes each run from each of the places where its first group may begin.
func decodedRuns(run *regexp.Regexp, text string, group int, decode func(string) ([]byte, error)) string {
	var b strings.Builder
	for _, found := range run.FindAllString(text, -1) {
		for begin := range group {
			whole := (len(found) - begin) / group * group
			if decoded, err := decode(found[begin : begin+whole]); err == nil {
				b.Write(append(decoded, 0))
			}
		}
	}
	return b.String()
}

func fromBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(text))
}
