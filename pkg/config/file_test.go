package config

import (
	"strings"
	"testing"
)

func TestDefaultsOfUnsetKeys(t *testing.T) {
	for _, text := range []string{
		`{"token-file":"","cacert":"","service-url":""}`,
		`{"token-file":null,"cacert":null,"service-url":null}`,
	} {
		w := newWorld(t)
		w.file("home/user.conf", text)
		w.file("global.conf", `{"service-url":"https://global"}`)
		cfg := w.mustLoad()
		if cfg.ServiceURL.Origin.Name != w.paths().GlobalFile || cfg.CACert.Origin.Layer != LayerDefault || cfg.TokenFile.Origin.Layer != LayerDefault {
			t.Errorf("%s: %+v", text, cfg)
		}
	}
}

func TestUnknownKeysGetAWarning(t *testing.T) {
	for _, key := range []string{"service_url", "certificate-file", "timeout", ""} {
		w := newWorld(t)
		path := w.file("home/user.conf", `{"`+key+`":{"a":[1]},"cacert":"/ca.pem"}`)
		cfg := w.mustLoad()
		want := `the key "` + key + `" in ` + path + ` is unknown and ignored: the keys are service-url, cacert, token-file, rbac-url`
		if got := strings.Join(cfg.Warnings(), "\n"); got != want || cfg.CACert.Text != "/ca.pem" {
			t.Errorf("%s: warnings %q, want %q", key, got, want)
		}
	}
}
