package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWarningAboutReadableTokenFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	w := newWorld(t)
	conf := w.file("global.conf", `{}`)
	token := w.file("home/token", secret)
	check := func(want ...string) {
		t.Helper()
		got := w.mustLoad().Warnings()
		if len(got) != len(want) {
			t.Fatalf("%q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%q, want %q", got[i], want[i])
			}
		}
	}
	mode := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	check()
	mode(conf, 0o664)
	check()
	mode(conf, 0o666)
	check("anyone can change " + conf)
	mode(conf, 0o644)
	mode(token, 0o640)
	check("others can read the token in " + token + " (mode 0640)")
	w.env[EnvToken] = secret
	check()
	w.env[EnvToken] = ""
	w.flags[KeyTokenFile] = "-"
	check()
}

func TestWarningsAboutFilesThatOthersCanChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	for name, test := range map[string]struct {
		// path gets the mode; want is the warning, in which PATH is that path.
		path string
		mode os.FileMode
		want string
	}{
		"configuration file":            {"conf/code.conf", 0o666, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"puppet.conf":                   {"puppet.conf", 0o606, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"cacert":                        {"ca.pem", 0o646, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"a token that others can read":  {"home/token", 0o604, "others can read the token in PATH (mode 0604): chmod 600 PATH"},
		"a file for the group to write": {"conf/code.conf", 0o660, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named = w.file("conf/code.conf", `{}`)
			w.file("puppet.conf", "server = primary\n")
			w.file("ca.pem", "")
			w.file("home/token", secret)
			path := filepath.Join(w.dir, test.path)
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(w.mustLoad().Warnings(), "\n")
			if want := strings.ReplaceAll(test.want, "PATH", path); got != want {
				t.Errorf("warnings %q, want %q", got, want)
			}
		})
	}
}

// An unused puppet.conf may belong to anyone.
func TestNoWarningAboutAnUnusedPuppetConf(t *testing.T) {
	w := newWorld(t)
	if err := os.Chmod(w.file("puppet.conf", "server = primary\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	w.env[EnvServiceURL] = "https://primary"
	if got := w.mustLoad().Warnings(); len(got) != 0 {
		t.Errorf("warnings %q", got)
	}
}
