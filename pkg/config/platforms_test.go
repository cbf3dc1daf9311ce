package config

import (
	"log/slog"
	"testing"
)

// The defaults of each system.
func TestDefaultsOfEachSystem(t *testing.T) {
	for _, test := range []struct{ goos, home, cacert, tokenFile string }{
		{"linux", "/home/ann", "/etc/puppetlabs/puppet/ssl/certs/ca.pem", "/home/ann/.puppetlabs/token"},
		{"darwin", "/Users/ann", "/etc/puppetlabs/puppet/ssl/certs/ca.pem", "/Users/ann/.puppetlabs/token"},
		{"windows", `C:\Users\ann`, `C:\ProgramData\PuppetLabs\puppet\etc\ssl\certs\ca.pem`, `C:\Users\ann\.puppetlabs\token`},
		{"windows", `\\files\home$\ann`, `C:\ProgramData\PuppetLabs\puppet\etc\ssl\certs\ca.pem`, `\\files\home$\ann\.puppetlabs\token`},
	} {
		paths := DefaultPaths(test.goos, test.home)
		// No file of the machine that runs the test.
		paths.GlobalFile, paths.UserFile, paths.PuppetConf = "", "", t.TempDir()+"/none"
		cfg := loadOn(t, paths, map[string]string{}, nil)
		if want := (Value{Text: test.cacert, Origin: Origin{Layer: LayerDefault}}); cfg.CACert != want {
			t.Errorf("%s: cacert %+v, want %+v", test.goos, cfg.CACert, want)
		}
		if want := (Value{Text: test.tokenFile, Origin: Origin{Layer: LayerDefault}}); cfg.TokenFile != want {
			t.Errorf("%s: token file %+v, want %+v", test.goos, cfg.TokenFile, want)
		}
		if want := (Value{Origin: Origin{Layer: LayerNone}}); cfg.ServiceURL != want {
			t.Errorf("%s: service URL %+v, want none", test.goos, cfg.ServiceURL)
		}
	}
}

// Windows paths pass through every layer unchanged, except for ~.
func TestWindowsPathsInEveryLayer(t *testing.T) {
	paths := DefaultPaths("windows", `C:\Users\ann`)
	paths.GlobalFile, paths.PuppetConf = "", t.TempDir()+"/none"
	w := newWorld(t)
	paths.UserFile = w.file("user.conf", `{"cacert":"C:\\Program Files\\ca.pem","token-file":"~\\tokens\\one"}`)
	cfg := loadOn(t, paths, map[string]string{}, nil)
	if cfg.CACert.Text != `C:\Program Files\ca.pem` || cfg.TokenFile.Text != `C:\Users\ann\tokens\one` {
		t.Errorf("from a file: %+v", cfg)
	}
	env := map[string]string{EnvCACert: `D:\ca.pem`, EnvTokenFile: `~/token`}
	cfg = loadOn(t, paths, env, nil)
	// Windows takes / for \ in a path.
	if cfg.CACert.Text != `D:\ca.pem` || cfg.TokenFile.Text != `C:\Users\ann/token` {
		t.Errorf("from the environment: %+v", cfg)
	}
	cfg = loadOn(t, paths, env, map[string]string{KeyCACert: `~\ca.pem`, KeyTokenFile: `\\files\token`})
	if cfg.CACert.Text != `C:\Users\ann\ca.pem` || cfg.TokenFile.Text != `\\files\token` {
		t.Errorf("from the command line: %+v", cfg)
	}
}

// A file with the line ends of Windows is read as any other.
func TestFilesWithWindowsLineEnds(t *testing.T) {
	w := newWorld(t)
	w.file("global.conf", "\xef\xbb\xbf{\r\n  \"service-url\": \"https://primary\",\r\n  \"cacert\": \"C:\\\\ca.pem\"\r\n}\r\n")
	cfg := w.mustLoad()
	if cfg.ServiceURL.Text != "https://primary" || cfg.CACert.Text != `C:\ca.pem` {
		t.Errorf("%+v", cfg)
	}
}

func loadOn(t *testing.T, paths Paths, env, flags map[string]string) Config {
	t.Helper()
	cfg, err := Load(Sources{
		Flags:     flags,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Paths:     paths,
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
