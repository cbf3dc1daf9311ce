package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"github.com/spf13/viper"
)

// Sources are the layers that Load reads, so that nothing of the process is
// read behind a caller's back.
type Sources struct {
	// Flags are the settings given on the command line, by key. A key that is
	// not in it was not given.
	Flags map[string]string
	// ConfigFile, if not empty, replaces the two files of Paths.
	ConfigFile string
	// LookupEnv reads an environment variable, as os.LookupEnv does.
	LookupEnv func(string) (string, bool)
	Paths     Paths
	// Logger is told about what was found and ignored.
	Logger *slog.Logger
}

// Config is the configuration after all layers.
type Config struct {
	ServiceURL Value
	// CACert is a path. Where it is the default and does not exist, the
	// system's authorities are trusted instead: see TrustedFile.
	CACert Value
	// TokenFile is a path, or "-" for standard input.
	TokenFile Value
	// envToken is the token of the environment, "" where there is none.
	envToken string
	// files are the configuration files that were read.
	files []string
}

// Load reads all layers. Errors name the file, flag or variable that is wrong.
// A service URL is not checked, for print-config shows it: see Endpoint.
func Load(src Sources) (Config, error) {
	layers, err := readLayers(src)
	if err != nil {
		return Config{}, err
	}
	cfg := Config{
		ServiceURL: layers.value(KeyServiceURL),
		CACert:     layers.path(KeyCACert),
		TokenFile:  layers.path(KeyTokenFile),
	}
	for _, file := range layers.files {
		cfg.files = append(cfg.files, file.path)
	}
	if cfg.ServiceURL.Text == "" {
		cfg.ServiceURL = fromPuppetConf(src)
	}
	cfg.envToken, _ = src.LookupEnv(EnvToken)
	return cfg, nil
}

// layers are the merged settings, and what is needed to tell their origins.
type layers struct {
	src    Sources
	merged *viper.Viper
	// files are the configuration files that were read, highest first.
	files []readLayer
}

type readLayer struct {
	path   string
	values fileValues
}

func readLayers(src Sources) (*layers, error) {
	l := &layers{src: src, merged: viper.New()}
	if err := l.readFiles(); err != nil {
		return nil, err
	}
	l.merged.SetDefault(KeyCACert, src.Paths.CACert)
	l.merged.SetDefault(KeyTokenFile, src.Paths.TokenFile)
	for i := len(l.files) - 1; i >= 0; i-- {
		if err := l.merged.MergeConfigMap(l.files[i].values.settings); err != nil {
			return nil, err
		}
	}
	// Set is viper's highest layer; the command line comes after the
	// environment, to stay on top.
	for _, key := range keys {
		if text, ok := src.LookupEnv(key.env); ok && text != "" {
			l.merged.Set(key.name, text)
		}
		if text, ok := src.Flags[key.name]; ok {
			if text == "" {
				return nil, errors.New("--" + key.name + " is empty")
			}
			l.merged.Set(key.name, text)
		}
	}
	return l, nil
}

func (l *layers) readFiles() error {
	paths, named := []string{l.src.Paths.UserFile, l.src.Paths.GlobalFile}, false
	if l.src.ConfigFile != "" {
		paths, named = []string{l.src.Paths.expand(l.src.ConfigFile)}, true
	}
	for _, path := range paths {
		if path == "" {
			continue
		}
		values, err := readFile(path)
		if errors.Is(err, fs.ErrNotExist) && !named {
			l.src.Logger.Debug("no configuration file", "file", path)
			continue
		}
		if err != nil {
			return err
		}
		l.src.Logger.Debug("configuration file read", "file", path)
		for _, key := range values.unknown {
			l.src.Logger.Debug("unknown key ignored", "file", path, "key", key)
		}
		l.files = append(l.files, readLayer{path: path, values: values})
	}
	return nil
}

func (l *layers) value(key string) Value {
	return Value{Text: l.merged.GetString(key), Origin: l.origin(key)}
}

func (l *layers) path(key string) Value {
	v := l.value(key)
	v.Text = l.src.Paths.expand(v.Text)
	return v
}

func (l *layers) origin(key string) Origin {
	if _, ok := l.src.Flags[key]; ok {
		return Origin{LayerFlag, "--" + key}
	}
	for _, k := range keys {
		if text, ok := l.src.LookupEnv(k.env); k.name == key && ok && text != "" {
			return Origin{LayerEnv, k.env}
		}
	}
	for _, file := range l.files {
		if _, ok := file.values.settings[key]; ok {
			return Origin{LayerFile, file.path}
		}
	}
	if l.merged.GetString(key) == "" {
		return Origin{Layer: LayerNone}
	}
	return Origin{Layer: LayerDefault}
}

// fromPuppetConf makes the service URL of the agent's own server. It is a
// default only: a puppet.conf without one is no error.
func fromPuppetConf(src Sources) Value {
	path := src.Paths.PuppetConf
	server, err := puppetServer(path)
	if err == nil && server != "" {
		var text string
		if text, err = serviceURLOf(server); err == nil {
			return Value{Text: text, Origin: Origin{LayerPuppet, path}}
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		src.Logger.Warn("cannot take the server from puppet.conf", "file", path, "error", err)
	}
	return Value{Origin: Origin{Layer: LayerNone}}
}

// TrustedFile is the file of trusted authorities, or "" for the system's:
// where nobody named one and the default does not exist.
func (c Config) TrustedFile() string {
	if c.CACert.Origin.Layer != LayerDefault {
		return c.CACert.Text
	}
	if _, err := os.Stat(c.CACert.Text); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return c.CACert.Text
}
