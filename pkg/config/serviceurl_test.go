package config

import (
	"strings"
	"testing"
)

func configOf(serviceURL string) Config {
	return Config{ServiceURL: Value{serviceURL, Origin{LayerEnv, EnvServiceURL}}}
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
	} {
		if got, err := configOf(in).Endpoint(); got != want || err != nil {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestEndpointRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"http://primary:8170/code-manager": "Unsupported protocol scheme: http",
		"ftp://primary":                    "Unsupported protocol scheme: ftp",
		"primary:8170/code-manager":        "has no scheme: write https://primary:8170/code-manager",
		"//primary/x":                      "has no scheme: write https://primary/x",
		"https://ann:geheim@primary/x":     "has a user or a password",
		"https://ann@primary/x":            "has a user or a password",
		"ann:geheim@primary":               "has no scheme",
		"https://":                         "names no host",
		"https:///path":                    "names no host",
		"https://primary:0/x":              "no valid port",
		"https://primary:99999/x":          "no valid port",
		"https://primary:port/x":           "is no address",
		"https://pri mary/x":               "is no address",
		"https://primary/x?token=1":        "goes on after its path",
		"https://primary/x#y":              "goes on after its path",
		"https://primary/%zz":              "is no address",
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

func TestServiceURLForDisplay(t *testing.T) {
	for in, want := range map[string]string{
		"https://primary/x":            "https://primary/x",
		"https://ann:geheim@primary/x": "https://<redacted>@primary/x",
		"https://ann:ge@heim@primary":  "https://<redacted>@primary",
		"primary":                      "primary",
	} {
		if got := configOf(in).ServiceURLForDisplay(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
