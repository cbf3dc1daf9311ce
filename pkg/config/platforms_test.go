package config

import (
	"log/slog"
	"testing"
)

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
