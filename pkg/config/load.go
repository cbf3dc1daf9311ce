package config

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// Sources are the inputs of Load. It reads nothing else of the process.
type Sources struct {
	// Flags are the settings given on the command line, by key. A key that is
	// not in it was not given.
	Flags map[string]string
	// ConfigFile, if not empty, replaces the two files of Paths.
	ConfigFile string
	// LookupEnv reads an environment variable, as os.LookupEnv does.
	LookupEnv func(string) (string, bool)
	Paths     Paths
	// Logger gets debug lines about the files that were found.
	Logger *slog.Logger
}

// Config is the configuration after all layers.
type Config struct {
	// ServiceURL is unchecked and may contain secrets: Endpoint checks it, and
	// [Value.URLForDisplay] hides them.
	ServiceURL Value
	// CACert is a path. If it is the default and does not exist, the system's authorities are
	// trusted instead: see TrustedFile.
	CACert Value
	// TokenFile is a path, or "-" for standard input.
	TokenFile Value
	// envToken is the token in the environment, "" if it is not set.
	envToken string
	sources  Sources
	// files are the configuration files that were read, highest first.
	files []configFile
	// authority is the trusted certificate if it is not in the file of CACert yet.
	authority []*x509.Certificate
}

// Load reads all layers. Errors name the wrong file or flag. A missing or wrong service URL is not
// an error here, because print-config shows it: see [Config.Endpoint].
func Load(src Sources) (Config, error) {
	for key, text := range src.Flags {
		if text == "" {
			return Config{}, errors.New("--" + key + " is empty")
		}
	}
	cfg, paths := Config{sources: src}, src.Paths
	var err error
	if src.ConfigFile != "" {
		cfg.files, err = cfg.readFiles(true, paths.expand(src.ConfigFile))
	} else {
		cfg.files, err = cfg.readFiles(false, paths.UserFile, paths.GlobalFile)
	}
	if err != nil {
		return Config{}, err
	}
	cacert := paths.CACert
	if !exists(cacert) && exists(paths.SavedCACert) {
		cacert = paths.SavedCACert
	}
	cfg.ServiceURL = cmp.Or(cfg.configured(KeyServiceURL), fromPuppetConf(paths.PuppetConf), byDefault(""))
	cfg.CACert = cmp.Or(cfg.configured(KeyCACert), byDefault(cacert))
	cfg.TokenFile = cmp.Or(cfg.configured(KeyTokenFile), byDefault(paths.TokenFile))
	for _, path := range []*Value{&cfg.CACert, &cfg.TokenFile} {
		path.Text = paths.expand(path.Text)
	}
	cfg.envToken, _ = src.LookupEnv(EnvToken)
	return cfg, nil
}

// unknownKeys are warnings about keys that are not settings.
func (c Config) unknownKeys() []string {
	var warnings []string
	for _, file := range c.files {
		for _, key := range file.unknown {
			warnings = append(warnings, fmt.Sprintf("the key %q in %s is unknown and ignored: the keys are %s", key, file.path, strings.Join(keys, ", ")))
		}
	}
	return warnings
}

// maxCACert is the maximum size of a certificate file in bytes. The authorities of a system are
// some 200 kB.
const maxCACert = 16 << 20

// TrustedFile is the file of trusted authorities. It is "", which means the system's authorities,
// if no file is configured and the default does not exist.
func (c Config) TrustedFile() string {
	if _, err := os.Stat(c.CACert.Text); c.CACert.Origin.Layer == LayerDefault && errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return c.CACert.Text
}

// WithAuthority is the configuration with an authority that is to be saved at a path.
func (c Config) WithAuthority(authority *x509.Certificate, path string) Config {
	c.authority = []*x509.Certificate{authority}
	c.CACert = Value{Text: path, Origin: Origin{Layer: LayerFlag, Name: "--server"}}
	return c
}

// ReadTrusted reads the certificates in TrustedFile. It is nil for the authorities of the system. The
// error says where the path comes from.
func (c Config) ReadTrusted() ([]*x509.Certificate, error) {
	path := c.TrustedFile()
	if path == "" || c.authority != nil {
		return c.authority, nil
	}
	if resemblesPEM(path) {
		return nil, fmt.Errorf("%s is the text of a certificate, not the path of a file: save the text in a file, and name that file (%s comes from %s)",
			KeyCACert, KeyCACert, c.CACert.Origin)
	}
	text, err := textfile.Read(path, maxCACert)
	if err != nil {
		err = fmt.Errorf("cannot read the trusted certificates in %s: %w", Presentable(path), err)
	}
	var trusted []*x509.Certificate
	if err == nil {
		trusted, err = certs.Parse(text, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%s comes from %s)", err, KeyCACert, c.CACert.Origin)
	}
	return trusted, nil
}

// configured is the value of a key without the defaults, zero if no layer sets it.
func (c Config) configured(key string) Value {
	if text := c.sources.Flags[key]; text != "" {
		return Value{Text: text, Origin: Origin{Layer: LayerFlag, Name: "--" + key}}
	}
	name := variables[key]
	if text, _ := c.sources.LookupEnv(name); text != "" {
		return Value{Text: text, Origin: Origin{Layer: LayerEnv, Name: name}}
	}
	return valueIn(c.files, key)
}

// byDefault is the value of a setting that no layer sets.
func byDefault(text string) Value {
	if text == "" {
		return Value{Origin: Origin{Layer: LayerNone}}
	}
	return Value{Text: text, Origin: Origin{Layer: LayerDefault}}
}
