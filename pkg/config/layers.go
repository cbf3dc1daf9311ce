package config

import (
	"errors"
	"io/fs"

	"github.com/spf13/viper"
)

// layer returns the value that one layer sets. Its Text is "" if it sets no value: an empty text
// counts as not set.
type layer func(setting) Value

// layers are all layers, highest first.
type layers []layer

// value is the value of the highest layer that sets one.
func (l layers) value(s setting) Value {
	for _, layer := range l {
		if v := layer(s); v.Text != "" || v.err != nil {
			return v
		}
	}
	return Value{Origin: Origin{Layer: LayerNone}}
}

func commandLine(flags map[string]string) layer {
	return func(s setting) Value {
		return Value{Text: flags[s.key], Origin: Origin{Layer: LayerFlag, Name: "--" + s.key}}
	}
}

func environment(lookup func(string) (string, bool)) layer {
	return func(s setting) Value {
		text, _ := lookup(s.env)
		return Value{Text: text, Origin: Origin{Layer: LayerEnv, Name: s.env}}
	}
}

func defaults(paths Paths) layer {
	texts := map[string]string{KeyCACert: paths.CACert, KeyTokenFile: paths.TokenFile}
	return func(s setting) Value {
		return Value{Text: texts[s.key], Origin: Origin{Layer: LayerDefault}}
	}
}

// configFile is a configuration file as a layer. A key that is null or "" is not set.
type configFile struct {
	path     string
	settings *viper.Viper
	// unknown are the keys that are not settings.
	unknown []string
}

func (f configFile) value(s setting) Value {
	for i, key := range s.fileKeys {
		if text := f.settings.GetString(key); text != "" {
			v := Value{Text: text, Origin: Origin{Layer: LayerFile, Name: f.path}}
			if i > 0 {
				v.Origin.Setting = key
			}
			return v
		}
	}
	return Value{}
}

// readFiles reads the files that exist, highest first. If named is true, the user named them and
// they must exist.
func (c Config) readFiles(keys []string, named bool, paths ...string) ([]configFile, error) {
	var files []configFile
	for _, path := range paths {
		if path == "" {
			continue
		}
		file, err := readFile(path, keys)
		switch {
		case err == nil:
			c.logger.Debug("configuration file read", "file", path)
			files = append(files, file)
		case !named && absent(path, c.paths.Home, err):
			c.logger.Debug("no configuration file", "file", path, "reason", errors.Unwrap(err))
		default:
			return nil, err
		}
	}
	return files, nil
}

// absent reports whether a default file with this error counts as missing: it does not exist, or
// its home directory can't be entered.
func absent(path, home string, err error) bool {
	return errors.Is(err, fs.ErrNotExist) || belowClosedHome(path, home)
}
