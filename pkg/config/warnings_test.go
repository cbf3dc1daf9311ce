package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWarningsAboutFilesThatOthersCanChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	for name, test := range map[string]struct {
		// elsewhere is where the token is, if it is not in its file.
		elsewhere string
		// path gets the mode; want is the warning, in which PATH is that path.
		path string
		mode os.FileMode
		want string
	}{
		"configuration file":            {"", "conf/code.conf", 0o666, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"puppet.conf":                   {"", "puppet.conf", 0o606, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"cacert":                        {"", "ca.pem", 0o646, "anyone can change PATH, and so get the token: chmod o-w PATH"},
		"a token that others can read":  {"", "home/token", 0o604, "others can read the token in PATH (mode 0604): chmod 600 PATH"},
		"a token in the environment":    {EnvToken, "home/token", 0o604, ""},
		"a token on standard input":     {KeyTokenFile, "home/token", 0o604, ""},
		"a file for the group to write": {"", "conf/code.conf", 0o660, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.named = w.file("conf/code.conf", `{}`)
			w.file("puppet.conf", "server = primary\n")
			w.file("ca.pem", "")
			w.file("home/token", secret)
			switch test.elsewhere {
			case EnvToken:
				w.env[EnvToken] = secret
			case KeyTokenFile:
				w.flags[KeyTokenFile] = "-"
			}
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
