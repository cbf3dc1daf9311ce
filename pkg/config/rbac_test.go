package config

import (
	"strings"
	"testing"
)

// Every layer below is present in every row; each row adds the next higher one.
func TestRBACLayersByPrecedence(t *testing.T) {
	w := newWorld(t)
	check := func(text string, want Origin) {
		t.Helper()
		got, err := w.mustLoad().RBACURL()
		if err != nil || got.Text != text || got.Origin != want {
			t.Errorf("got %+v %v, want %s from %+v", got, err, text, want)
		}
	}
	check("", Origin{Layer: LayerNone})
	w.env[EnvServiceURL] = "https://primary.example.com:8170/code-manager"
	check("https://primary.example.com:4433/rbac-api", Origin{Layer: LayerDefault})
	global := w.file("access.conf", `{"service-url":"https://global:4433/rbac-api","token-file":"/t","certificate-file":"/c"}`)
	check("https://global:4433/rbac-api", Origin{Layer: LayerFile, Name: global})
	user := w.file("home/access.conf", `{"service-url":"https://user"}`)
	check("https://user", Origin{Layer: LayerFile, Name: user})
	// --config-file names another puppet-code.conf; puppet-access.conf stays.
	w.named = w.file("named.conf", `{"service-url":"https://named"}`)
	check("https://user", Origin{Layer: LayerFile, Name: user})
	w.file("named.conf", `{"service-url":"https://named","rbac-url":"https://own"}`)
	check("https://own", Origin{Layer: LayerFile, Name: w.named})
	w.env[EnvRBACURL] = "https://env"
	check("https://env", Origin{Layer: LayerEnv, Name: EnvRBACURL})
	w.flags[KeyRBACURL] = "https://flag"
	check("https://flag", Origin{Layer: LayerFlag, Name: "--rbac-url"})
}

func TestRBACDefaultOfHosts(t *testing.T) {
	for serviceURL, want := range map[string]string{
		"https://primary/code-manager":                "https://primary:4433/rbac-api",
		"https://[2001:db8::1]:8170/code-manager":     "https://[2001:db8::1]:4433/rbac-api",
		"https://proxy.example.com:8443/puppet/code/": "https://proxy.example.com:4433/rbac-api",
	} {
		if got, err := configOf(serviceURL).RBACEndpoint(); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", serviceURL, got, err, want)
		}
	}
}

func TestRBACEndpointErrors(t *testing.T) {
	w := newWorld(t)
	check := func(want string) {
		t.Helper()
		_, err := w.mustLoad().RBACEndpoint()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	check("no Code Manager is configured")
	w.file("access.conf", `{"service-url":"http://console"}`)
	check("(rbac-url comes from " + w.paths().GlobalAccessFile + ")")
	w.file("access.conf", `{"service-url":`)
	check("the configuration file " + w.paths().GlobalAccessFile + " has an error in line 1")
	w.env[EnvRBACURL] = "https://ann:geheim@console"
	check("the URL of the token service contains a user, a password")
	// A broken puppet-access.conf affects only the token service.
	if _, err := w.load(); err != nil {
		t.Error(err)
	}
}
