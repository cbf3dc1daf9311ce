package config

import (
	"strings"
	"testing"
)

func TestDefaultsOfUnsetKeys(t *testing.T) {
	for _, text := range []string{
		`{"token-file":"","cacert":"","service-url":""}`,
		`{"token-file":null,"cacert":null,"service-url":null}`,
		`{"cacert":"","certificate-file":""}`,
		`{"cacert":null,"certificate-file":null}`,
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

func TestCertificateFileIsCACert(t *testing.T) {
	w := newWorld(t)
	path := w.file("global.conf", `{"certificate-file":"~/old.pem"}`)
	got := w.mustLoad().CACert
	if want := (Origin{Layer: LayerFile, Name: path, Setting: "certificate-file"}); got.Text != w.paths().Home+"/old.pem" || got.Origin != want {
		t.Errorf("%+v", got)
	}
	if got.Origin.String() != "certificate-file in "+path {
		t.Errorf("%s", got.Origin)
	}
	w.file("global.conf", `{"certificate-file":"/old.pem","cacert":"/new.pem"}`)
	if got := w.mustLoad().CACert; got.Text != "/new.pem" || got.Origin.Setting != "" {
		t.Errorf("beside cacert: %+v", got)
	}
}

func TestUnknownKeysGetAWarning(t *testing.T) {
	for key, meant := range map[string]string{
		"service_url": "service-url", "serviceUrl": "service-url", "Service-URL": "service-url", "service.url": "service-url",
		"ca-cert": "cacert", "ca_cert": "cacert", "CACert": "cacert", "rbacUrl": "rbac-url",
		"token_file": "token-file", "tokenFile": "token-file", "certificate_file": "certificate-file",
		"url": "", "token": "", "timeout": "", "": "",
	} {
		w := newWorld(t)
		path := w.file("home/user.conf", `{"`+key+`":{"a":[1]},"cacert":"/ca.pem"}`)
		cfg := w.mustLoad()
		want := `the key "` + key + `" in ` + path + ` is unknown and ignored`
		if meant != "" {
			want += `: write "` + meant + `"`
		}
		if got := strings.Join(cfg.Warnings(), "\n"); got != want || cfg.CACert.Text != "/ca.pem" {
			t.Errorf("%s: warnings %q, want %q", key, got, want)
		}
	}
}
