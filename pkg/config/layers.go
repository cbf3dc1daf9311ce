package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

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

// fromFile is the layer of one configuration file, with its values in viper.
func fromFile(path string, values *viper.Viper) layer {
	return func(s setting) Value {
		v := Value{Origin: Origin{Layer: LayerFile, Name: path}}
		for _, key := range s.fileKeys {
			if v.Text = values.GetString(key); v.Text == "" {
				continue
			}
			if key != s.fileKeys[0] {
				v.Origin.Setting = key
			}
			break
		}
		return v
	}
}

func defaults(paths Paths) layer {
	texts := map[string]string{KeyCACert: paths.CACert, KeyTokenFile: paths.TokenFile}
	return func(s setting) Value {
		return Value{Text: texts[s.key], Origin: Origin{Layer: LayerDefault}}
	}
}

// withHome replaces ~ in the paths of a layer.
func withHome(paths Paths, below layer) layer {
	return func(s setting) Value {
		v := below(s)
		if s.isPath {
			v.Text = paths.expand(v.Text)
		}
		return v
	}
}

// fileSet are configuration files of one kind.
type fileSet struct {
	// paths are the files, highest first. If named is true, the user named them and they must
	// exist.
	paths []string
	named bool
	// keys are the known keys.
	keys []string
}

// read reads the files that exist. It returns the layer, the path and the unknown keys of each.
func (f fileSet) read(home string, logger *slog.Logger) ([]readLayer, error) {
	var files []readLayer
	for _, path := range f.paths {
		if path == "" {
			continue
		}
		values, err := readFile(path, f.keys)
		if err != nil && !f.named && absent(path, home, err) {
			logger.Debug("no configuration file", "file", path, "reason", errors.Unwrap(err))
			continue
		}
		if err != nil {
			return nil, err
		}
		logger.Debug("configuration file read", "file", path)
		held := viper.New()
		if err := held.MergeConfigMap(values.settings); err != nil {
			return nil, fmt.Errorf("cannot read the configuration file %s: %w", path, err)
		}
		files = append(files, readLayer{path: path, layer: fromFile(path, held), unknown: values.unknown})
	}
	return files, nil
}

type readLayer struct {
	path    string
	layer   layer
	unknown []string
}

// absent reports whether a default file with this error counts as missing: it does not exist, or
// its home directory can't be entered.
func absent(path, home string, err error) bool {
	return errors.Is(err, fs.ErrNotExist) || belowClosedHome(path, home)
}
