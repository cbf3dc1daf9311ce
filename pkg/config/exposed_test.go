package config

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestExposed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	w := newWorld(t)
	conf := w.file("global.conf", `{}`)
	token := w.file("home/token", secret)
	check := func(want ...string) {
		t.Helper()
		got := w.mustLoad().Exposed()
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
	check("everybody can write " + conf)
	mode(conf, 0o644)
	mode(token, 0o640)
	check("others can read the token in " + token + " (mode 0640)")
	w.env[EnvToken] = secret
	check()
	w.env[EnvToken] = ""
	w.flags[KeyTokenFile] = "-"
	check()
}
