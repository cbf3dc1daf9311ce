package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/viper"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// maxConfigFile is the maximum size of a configuration file in bytes. A real one has three lines.
const maxConfigFile = 1 << 20

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
// they must exist. Files in a home directory that can't be entered count as missing.
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
		case !named && (errors.Is(err, fs.ErrNotExist) || belowClosedHome(path, c.paths.Home)):
			c.logger.Debug("no configuration file", "file", path, "reason", errors.Unwrap(err))
		default:
			return nil, err
		}
	}
	return files, nil
}

// readFile reads a configuration file with these keys. Errors name the file and, for a mistake in
// it, the line and the column.
func readFile(path string, keys []string) (configFile, error) {
	text, err := textfile.Read(path, maxConfigFile)
	if err != nil {
		return configFile{}, fmt.Errorf("cannot read the configuration file %s: %w", Presentable(path), err)
	}
	file, err := parseFile(text, keys)
	if err != nil {
		return configFile{}, fmt.Errorf("the configuration file %s %w", path, err)
	}
	file.path = path
	return file, nil
}

// parseFile reads one JSON object. Its errors continue a sentence that begins with the name of the
// file.
func parseFile(text []byte, keys []string) (configFile, error) {
	text, err := textfile.UTF8(text)
	if err != nil {
		return configFile{}, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return configFile{}, errors.New("is empty: write {} to set nothing, or remove the file")
	}
	var object map[string]jsontext.Value
	if err := json.Unmarshal(text, &object); err != nil {
		return configFile{}, located(text, err)
	}
	file := configFile{settings: viper.New()}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		var value string
		switch err := json.Unmarshal(object[key], &value); {
		case !slices.Contains(keys, key):
			file.unknown = append(file.unknown, key)
		case err != nil:
			return configFile{}, fmt.Errorf("has a wrong value: %s must be a string, not %s", key, kindName(object[key].Kind()))
		case value != "":
			file.settings.Set(key, value)
		}
	}
	return file, nil
}

// located adds the line and the column, both from 1, to a syntax error.
func located(text []byte, err error) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return fmt.Errorf("has %s instead of an object such as {%q: …}", kindName(jsontext.Value(text).Kind()), KeyServiceURL)
	}
	before := text[:min(syntax.ByteOffset, int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fmt.Errorf("has an error in line %d, column %d: invalid JSON: %w", line, column, syntax.Err)
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case 'n':
		return "null"
	default:
		return "an array"
	}
}
