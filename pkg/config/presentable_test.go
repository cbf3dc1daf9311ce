package config

import (
	"strings"
	"testing"
)

// mistaken is a token as PE makes them, given where a path is due.
const mistaken = "0Vs1xOgeheimAbCdEfGhIjKlMnOpQrStUvWxYz0123456"

func TestTokenInsteadOfAPath(t *testing.T) {
	const jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln-_geheim"
	for _, token := range []string{mistaken, mistaken[:30], jwt, mistaken + "\n"} {
		w := newWorld(t)
		w.env[EnvTokenFile] = token
		cfg := w.mustLoad()
		_, origin, err := cfg.ReadToken(nil)
		if err == nil || !strings.Contains(err.Error(), "put the token into PUPPET_CODE_TOKEN") || strings.Contains(err.Error(), token) ||
			strings.Contains(origin.String(), token) || !isMissing(err) {
			t.Errorf("%v, from %s", err, origin)
		}
		if got := Presentable(cfg.TokenFile.Text); got != redacted {
			t.Errorf("print-config shows %q", got)
		}
		w.flags[KeyCACert], w.named = token, ""
		if _, err := w.mustLoad().ReadTrusted(); err == nil || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), redacted) {
			t.Errorf("cacert: %v", err)
		}
		w.named = token
		if _, err := w.load(); err == nil || strings.Contains(err.Error(), token) || strings.Contains(w.log.String(), token) {
			t.Errorf("configuration file: %v", err)
		}
	}
}

func isMissing(err error) bool {
	token, ok := err.(*TokenError) //nolint:errorlint // ReadToken promises this type
	return ok && token.Missing
}

func TestPresentable(t *testing.T) {
	w := newWorld(t)
	exists := w.file("tokens/"+mistaken, secret)
	t.Chdir(w.dir + "/tokens")
	for path, want := range map[string]string{
		exists:                             exists,
		mistaken:                           mistaken, // a file of that name is there
		mistaken + "x":                     redacted,
		mistaken[:29]:                      mistaken[:29],
		"/tokens/" + mistaken:              "/tokens/" + mistaken,
		"primary.some-company.example.com": "primary.some-company.example.com",
		"~/.puppetlabs/token":              "~/.puppetlabs/token",
	} {
		if got := Presentable(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// The variable has the certificate itself, not its path.
func TestPEMInsteadOfAPath(t *testing.T) {
	const text = "-----BEGIN CERTIFICATE-----\nMIIgeheim\n-----END CERTIFICATE-----\n"
	w := newWorld(t)
	w.env[EnvCACert] = text
	cfg := w.mustLoad()
	_, err := cfg.ReadTrusted()
	if err == nil || !strings.Contains(err.Error(), "is the text of a certificate, not the path of a file") ||
		!strings.Contains(err.Error(), "the environment variable "+EnvCACert) || strings.Contains(err.Error(), "geheim") {
		t.Error(err)
	}
	if shown := Presentable(cfg.CACert.Text); shown != redacted {
		t.Errorf("print-config shows %q", shown)
	}
}
