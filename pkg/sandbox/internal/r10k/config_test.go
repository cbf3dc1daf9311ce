package r10k

import (
	"slices"
	"strings"
	"testing"
)

func TestR10kGetsTheConfigOfTheSandbox(t *testing.T) {
	config, err := ParseConfig([]byte(`---
:cachedir: /var/cache/theirs
cachedir: /var/cache/theirs
:postrun: [rm, -rf, /]
logging: {level: debug}
defaults:
  prefix: yes
:deploy:
  write_lock: locked
  puppet_path: /usr/bin/true
  generate_types: yes
  purge_levels: [':deployment', environment]
:sources:
  :main:
    remote: 'https://user:secret@git.test/r.git'
    :basedir: /etc/puppetlabs/code/environments
  other:
    remote: git@git.test:team/r.git
    prefix: yes
    :invalid_branches: :correct
`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := config.Remote(), "https://user:xxxxx@git.test/r.git"; got != want {
		t.Errorf("remote %s, want %s", got, want)
	}
	if want := []string{"cachedir", "postrun", "logging", "defaults", "deploy.write_lock", "deploy.puppet_path", "deploy.generate_types"}; !slices.Equal(config.Dropped, want) {
		t.Errorf("dropped %q, want %q", config.Dropped, want)
	}
	config.deployTo("/our/base")
	text, err := config.render("/our/cache")
	if err != nil {
		t.Fatal(err)
	}
	want := `sources:
    :main:
        remote: 'https://user:secret@git.test/r.git'
        basedir: "/our/base"
    other:
        remote: git@git.test:team/r.git
        prefix: yes
        :invalid_branches: :correct
        basedir: "/our/base"
deploy:
    purge_levels:
        - environment
cachedir: "/our/cache"
`
	if string(text) != want {
		t.Errorf("rendered\n%s\nwant\n%s", text, want)
	}
}

func TestInvalidConfigs(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "is empty",
		"- a":                      "must be a mapping",
		"cachedir: x":              "there are no sources",
		"sources: []":              "there are no sources",
		"sources: {}":              "there are no sources",
		"sources: {a: b}":          "source a must be a mapping",
		"a: b\nc: &c [d]":          "line 2: the sandbox reads no anchors and aliases",
		"\t":                       "yaml",
		"a: 'https://u:secret@h/":  "yaml",
		"sources: {a: {b: &a *a}}": "yaml",
	} {
		_, err := ParseConfig([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
