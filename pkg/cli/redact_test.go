package cli

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A secret is left out however it comes in pieces, whole or in part, and however many there are.
func TestRedactor(t *testing.T) {
	const secret, password = "abcabd_0123456789_ABCDEF", "hunter2"
	replaced := strings.NewReplacer(secret, "<redacted>", secret[:16], "<redacted>", password, "<redacted>")
	for _, text := range []string{
		"", "a", "abc", secret, secret + secret, "x" + secret + "y", "abcabc" + secret[3:], "abcab" + secret, secret[:16],
		"a line\n" + secret + "\nanother", "hunter" + password + secret,
	} {
		for cut := range len(text) + 1 {
			var out bytes.Buffer
			r := &redactor{w: &out}
			r.hide(password)
			r.hide(secret)
			for _, part := range []string{text[:cut], text[cut:]} {
				if n, err := r.Write([]byte(part)); n != len(part) || err != nil {
					t.Errorf("%q: wrote %d, %v", part, n, err)
				}
			}
			r.flush()
			if want := replaced.Replace(text); out.String() != want {
				t.Errorf("%q, cut at %d: %q, want %q", text, cut, &out, want)
			}
		}
	}
}

// Lines come when they are whole; before there is a secret everything comes at once, and so does the
// picture of a view.
func TestRedactorWaitsForWholeLines(t *testing.T) {
	var out bytes.Buffer
	r := &redactor{w: &out}
	for _, step := range []struct {
		to         io.Writer
		text, want string
	}{
		{r, "Password: ", "Password: "},
		{r, "one\ntwo", "one\n"},
		{r, " three\n", "two three\n"},
		{r, "four", ""},
		{frameStream{r}, "\x1b[Ka secret_0123456789\r", "four\x1b[Ka <redacted>\r"},
	} {
		if _, err := io.WriteString(step.to, step.text); err != nil || out.String() != step.want {
			t.Errorf("%q: %v, %q, want %q", step.text, err, &out, step.want)
		}
		out.Reset()
		if len(r.hidden) == 0 {
			r.hide("secret_0123456789")
		}
	}
}

// A token that could be a name does not change a result.
func TestShortTokensStayInResults(t *testing.T) {
	sys, out, stderr := testSystem()
	s := secrets{out: &redactor{w: sys.Out}, err: &redactor{w: sys.Err}}
	s.hide("production")
	for _, r := range []*redactor{s.out, s.err} {
		if _, err := r.Write([]byte("production\n")); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != "production\n" || stderr.String() != "<redacted>\n" {
		t.Errorf("%q, %q", out, stderr)
	}
}

// A token that a server gives back as a name is not offered.
func TestCompletionDoesNotOfferTheToken(t *testing.T) {
	const token = "production_0123456789"
	sys, out, _ := completionSystem(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.ReplaceAll(threeEnvironments, "production", token)))
	})
	lookup := sys.LookupEnv
	sys.LookupEnv = func(name string) (string, bool) {
		if name == "PUPPET_CODE_TOKEN" {
			return token, true
		}
		return lookup(name)
	}
	if offered, _ := completeLine(t, sys, out, "deploy", ""); len(offered) != 1 {
		t.Errorf("offers %q", offered)
	}
}
