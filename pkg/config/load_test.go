package config

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world is the machine of one test: its files and its environment.
type world struct {
	t     *testing.T
	dir   string
	env   map[string]string
	flags map[string]string
	named string
	log   bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, dir: t.TempDir(), env: map[string]string{}, flags: map[string]string{}}
}

func (w *world) paths() Paths {
	return Paths{
		Home:       filepath.Join(w.dir, "home"),
		GlobalFile: filepath.Join(w.dir, "global.conf"),
		UserFile:   filepath.Join(w.dir, "home", "user.conf"),
		CACert:     filepath.Join(w.dir, "ca.pem"),
		TokenFile:  filepath.Join(w.dir, "home", "token"),

		SavedCACert: filepath.Join(w.dir, "home", "saved.pem"),
		PuppetConf:  filepath.Join(w.dir, "puppet.conf"),

		GlobalAccessFile: filepath.Join(w.dir, "access.conf"),
		UserAccessFile:   filepath.Join(w.dir, "home", "access.conf"),
	}
}

func (w *world) file(path, text string) string {
	w.t.Helper()
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.dir, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) load() (Config, error) {
	return Load(Sources{
		Flags:      w.flags,
		ConfigFile: w.named,
		LookupEnv:  func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
		Paths:      w.paths(),
		Logger:     slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
}

func (w *world) mustLoad() Config {
	w.t.Helper()
	cfg, err := w.load()
	if err != nil {
		w.t.Fatal(err)
	}
	return cfg
}

// Every layer below is present in every row; each row adds the next higher one.
func TestLayersByPrecedence(t *testing.T) {
	w := newWorld(t)
	check := func(text string, layer Layer, name string) {
		t.Helper()
		if got := w.mustLoad().ServiceURL; got != (Value{Text: text, Origin: Origin{Layer: layer, Name: name}}) {
			t.Errorf("got %+v, want %s from %s %s", got, text, layer, name)
		}
	}
	check("", LayerNone, "")
	w.file("puppet.conf", "[agent]\nserver = primary.example.com\n")
	check("https://primary.example.com:8170/code-manager", LayerPuppet, w.paths().PuppetConf)
	w.file("global.conf", `{"service-url":"https://global"}`)
	check("https://global", LayerFile, w.paths().GlobalFile)
	w.file("home/user.conf", `{"service-url":"https://user"}`)
	check("https://user", LayerFile, w.paths().UserFile)
	w.named = w.file("named.conf", `{"service-url":"https://named"}`)
	check("https://named", LayerFile, w.named)
	w.env[EnvServiceURL] = "https://env"
	check("https://env", LayerEnv, EnvServiceURL)
	w.flags[KeyServiceURL] = "https://flag"
	check("https://flag", LayerFlag, "--service-url")
}

func TestUserFileOverridesGlobalFileByKey(t *testing.T) {
	w := newWorld(t)
	w.file("global.conf", `{"service-url":"https://global","cacert":"/global.pem"}`)
	w.file("home/user.conf", `{"cacert":"~/user.pem"}`)
	cfg := w.mustLoad()
	if cfg.ServiceURL.Text != "https://global" || filepath.Clean(cfg.CACert.Text) != filepath.Join(w.dir, "home", "user.pem") {
		t.Errorf("%+v", cfg)
	}
	if want := (Value{Text: w.paths().TokenFile, Origin: Origin{Layer: LayerDefault}}); cfg.TokenFile != want {
		t.Errorf("token file %+v, want %+v", cfg.TokenFile, want)
	}
}

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

func TestInvalidConfigFiles(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"not JSON":         {"{\n  \"cacert\": /etc/ca.pem\n}", "has an error in line 2, column 13: invalid JSON"},
		"a missing comma":  {"{\n\"cacert\":\"a\"\n\"token-file\":\"b\"}", "line 3, column 1"},
		"cut off":          {"{\n\"cacert\":\"a\"", "line 2, column 13: invalid JSON"},
		"wrong type":       {"{\n  \"service-url\":  8170}", "has a wrong value: service-url must be a string"},
		"no value":         {"{\n  \"cacert\": }", "line 2, column 13: invalid JSON"},
		"an array":         {`["service-url"]`, "has no JSON object"},
		"empty":            {"", "line 1, column 1: invalid JSON: unexpected EOF"},
		"blank":            {" \n", "line 2, column 1: invalid JSON: unexpected EOF"},
		"more than one":    {"{}\n{}", "line 2, column 1: invalid JSON"},
		"the same twice":   {`{"cacert":"a","cacert":"b"}`, "line 1, column 15"},
		"UTF-16":           {"\xff\xfe{\x00}\x00", "is UTF-16: save it as UTF-8"},
		"larger than sane": {strings.Repeat(" ", maxConfigFile+1), "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("global.conf", test.text)
			_, err := w.load()
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error lacks %q: %v", test.want, err)
			}
		})
	}
}

func TestTrustedFile(t *testing.T) {
	w := newWorld(t)
	if got := w.mustLoad().TrustedFile(); got != "" {
		t.Errorf("a default that does not exist: %q, want the system's authorities", got)
	}
	w.file("ca.pem", "")
	if got := w.mustLoad().TrustedFile(); got != w.paths().CACert {
		t.Errorf("a default that exists: %q", got)
	}
	saved := w.file("home/saved.pem", "")
	if got := w.mustLoad().TrustedFile(); got != w.paths().CACert {
		t.Errorf("beside a saved one: %q", got)
	}
	if err := os.Remove(w.paths().CACert); err != nil {
		t.Fatal(err)
	}
	if got := w.mustLoad().TrustedFile(); got != saved {
		t.Errorf("the saved one alone: %q", got)
	}
	w.env[EnvCACert] = "/none.pem"
	if got := w.mustLoad().TrustedFile(); got != "/none.pem" {
		t.Errorf("a file that was named and does not exist: %q", got)
	}
}

func TestDefaultPaths(t *testing.T) {
	for _, goos := range []string{"linux", "darwin"} {
		if got, want := DefaultPaths(goos, "/home/ann"), (Paths{
			Home:       "/home/ann",
			GlobalFile: "/etc/puppetlabs/client-tools/puppet-code.conf",
			UserFile:   "/home/ann/.puppetlabs/client-tools/puppet-code.conf",
			CACert:     "/etc/puppetlabs/puppet/ssl/certs/ca.pem",
			TokenFile:  "/home/ann/.puppetlabs/token",

			SavedCACert: "/home/ann/.puppetlabs/client-tools/ca.pem",
			PuppetConf:  "/etc/puppetlabs/puppet/puppet.conf",

			GlobalAccessFile: "/etc/puppetlabs/client-tools/puppet-access.conf",
			UserAccessFile:   "/home/ann/.puppetlabs/client-tools/puppet-access.conf",
		}); got != want {
			t.Errorf("%s: %+v, want %+v", goos, got, want)
		}
	}
	if got, want := DefaultPaths("windows", `C:\Users\ann`), (Paths{
		Home:       `C:\Users\ann`,
		GlobalFile: `C:\ProgramData\PuppetLabs\client-tools\puppet-code.conf`,
		UserFile:   `C:\Users\ann\.puppetlabs\client-tools\puppet-code.conf`,
		CACert:     `C:\ProgramData\PuppetLabs\puppet\etc\ssl\certs\ca.pem`,
		TokenFile:  `C:\Users\ann\.puppetlabs\token`,

		SavedCACert: `C:\Users\ann\.puppetlabs\client-tools\ca.pem`,
		PuppetConf:  `C:\ProgramData\PuppetLabs\puppet\etc\puppet.conf`,

		GlobalAccessFile: `C:\ProgramData\PuppetLabs\client-tools\puppet-access.conf`,
		UserAccessFile:   `C:\Users\ann\.puppetlabs\client-tools\puppet-access.conf`,
	}); got != want {
		t.Errorf("windows: %+v, want %+v", got, want)
	}
	if got := DefaultPaths("linux", ""); got.UserFile != "" || got.TokenFile != "" {
		t.Errorf("without a home: %+v", got)
	}
}

func TestHomeInPaths(t *testing.T) {
	unix, windows := Paths{Home: "/home/ann"}, Paths{Home: `C:\Users\ann`}
	for _, test := range []struct {
		paths    Paths
		in, want string
	}{
		{unix, "~", "/home/ann"},
		{unix, "~/x", "/home/ann/x"},
		{unix, "~bob/x", "~bob/x"},
		{unix, "/x/~/y", "/x/~/y"},
		{unix, `~\x`, `~\x`},
		{windows, `~\x`, `C:\Users\ann\x`},
		{Paths{}, "~/x", "~/x"},
	} {
		if got := test.paths.expand(test.in); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.in, test.paths.Home, got, test.want)
		}
	}
}
