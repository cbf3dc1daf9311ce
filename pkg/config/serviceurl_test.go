package config

import (
	"strings"
	"testing"
)

func configOf(serviceURL string) Config {
	return Config{
		ServiceURL: Value{Text: serviceURL, Origin: Origin{Layer: LayerEnv, Name: EnvServiceURL}},
		sources:    Sources{LookupEnv: func(string) (string, bool) { return "", false }},
	}
}

func TestEndpoint(t *testing.T) {
	for in, want := range map[string]string{
		"https://primary:8170/code-manager":           "https://primary:8170/code-manager",
		"https://primary:8170/code-manager/":          "https://primary:8170/code-manager",
		"https://primary:8170/code-manager///":        "https://primary:8170/code-manager",
		"HTTPS://primary":                             "https://primary",
		"https://proxy.example.com/puppet/code%20mgr": "https://proxy.example.com/puppet/code%20mgr",
		"https://[::1]:8170/code-manager":             "https://[::1]:8170/code-manager",
		"https://primary/x\n":                         "https://primary/x",
		"https://[fe80::1%25eth0]:8170/code-manager":  "https://[fe80::1%25eth0]:8170/code-manager",
	} {
		if got, err := configOf(in).Endpoint(); got != want || err != nil {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestEndpointRefuses(t *testing.T) {
	const more = "contains a user, a password, a query or a fragment: leave them out; a token belongs in PUPPET_CODE_TOKEN"
	for in, want := range map[string]string{
		"http://primary:8170/code-manager":   "Unsupported protocol scheme: http: write https://",
		"ftp://primary":                      "is not a valid address",
		"primary:8170/code-manager":          "has no scheme: write https://primary:8170/code-manager",
		"//primary/x":                        "has no scheme: write https://primary/x",
		"https://ann:geheim@primary/x":       more,
		"https://ann@primary/x":              more,
		"ann:geheim@primary":                 more,
		"http://ann:geheim@primary":          more,
		"https://":                           "is not a valid address",
		"https:///path":                      "is not a valid address",
		"https://primary:0/x":                "is not a valid address",
		"https://primary:99999/x":            "is not a valid address",
		"https://primary:port/x":             "is not a valid address",
		"https://pri mary/x":                 "is not a valid address",
		"https://primary/x?token=geheim":     more,
		"https://primary/x?":                 more,
		"https://primary/x#geheim":           more,
		"0Vs1xOgeheim0123456789-_0123456789": "looks like a token: put the token into PUPPET_CODE_TOKEN",
		"https://primary/%zz":                "is not a valid address",
		`"https://primary:8170/x"`:           "has quotation marks around it",
		`'https://primary:8170/x'`:           "has quotation marks around it",
	} {
		_, err := configOf(in).Endpoint()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error lacks %q: %v", in, want, err)
			continue
		}
		if !strings.Contains(err.Error(), "service-url comes from the environment variable PUPPET_CODE_SERVICE_URL") {
			t.Errorf("%q: the error does not say where it came from: %v", in, err)
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: the password is in the error: %v", in, err)
		}
	}
	if _, err := (Config{}).Endpoint(); err == nil || !strings.Contains(err.Error(), "--service-url") {
		t.Errorf("none configured: %v", err)
	}
}

// A user name and a password are in no text, whatever is wrong with the URL.
func TestPasswordInABrokenURL(t *testing.T) {
	for _, in := range []string{
		"https://ann:geheim@primary/", "https://ann:geheim/", "https://ann:geheim", "https://ann:geheim@", "https://ann:%zzgeheim@primary/", "https://primary/%zzgeheim",
		"https://ann:ge%heim@primary/", "https://ann:geheim#@primary/", "https://ann:1/geheim@primary", "https://ann:1#geheim@primary",
		"https://ann:1?geheim@primary", `https://ann:geheim\@primary/`, "https://ann:geheim@@primary", "https://ann:gehe im@primary/",
		"https:/ann:geheim@primary/", "https//ann:geheim@primary/", "https:ann:geheim@primary", "ann:geheim@primary", "ann:geheim", "ann:geheim/x",
		"ann:geheim@https://primary", "geheim-0://primary", "http://ann:geheim@primary/", "//ann:geheim@primary/", `"https://ann:geheim@primary/"`, "https://[geheim/",
		"https://ann:geheim\n@primary/", "https://ann:99999geheim/", "https://%67eheim:x/", "https://ann:geheim@primary:port/",
	} {
		cfg := configOf(in)
		_, err := cfg.Endpoint()
		shown := cfg.ServiceURL.URLForDisplay()
		if err == nil || strings.Contains(err.Error()+shown, "geheim") || strings.Contains(err.Error()+shown, "ehe") {
			t.Errorf("%q: %v, and %s", in, err, shown)
		}
	}
	if shown := configOf("https://ann:12345678/").ServiceURL.URLForDisplay(); shown != redacted {
		t.Errorf("a password of digits: %s", shown)
	}
}

func TestServiceURLForDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"https://primary/x":                                  "https://primary/x",
		"https://ann:geheim@primary/x":                       redacted,
		"https://ann:ge/he?im@primary":                       redacted,
		"https://primary/x?token=geheim&a=b":                 redacted,
		"https://primary/x#geheim":                           redacted,
		"primary":                                            "primary",
		"primary:8170/x\n":                                   "primary:8170/x\n",
		"https://[::1]:8170/x":                               "https://[::1]:8170/x",
		"https://primary.some-long-company-name.example.com": "https://primary.some-long-company-name.example.com",
		"primary.some-long-company-name.com":                 "primary.some-long-company-name.com",
		"0Vs1xOgeheim0123456789-_0123456789":                 redacted,
	} {
		if got := configOf(in).ServiceURL.URLForDisplay(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
