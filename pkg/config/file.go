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

// configFile is a configuration file. A key that is null or "" is not set.
type configFile struct {
	path     string
	settings *viper.Viper
	// unknown are the keys that are not settings.
	unknown []string
}

// valueIn is the value of a key in the first file that has it.
func valueIn(files []configFile, key string) Value {
	for _, file := range files {
		if text := file.settings.GetString(key); text != "" {
			return Value{Text: text, Origin: Origin{Layer: LayerFile, Name: file.path}}
		}
	}
	return Value{}
}

// readFiles reads the files that exist, highest first. If named is true, the user named them and
// they must exist. Files in a home directory that can't be entered count as missing.
func (c Config) readFiles(named bool, paths ...string) ([]configFile, error) {
	var files []configFile
	for _, path := range paths {
		if path == "" {
			continue
		}
		file, err := readFile(path)
		switch {
		case err == nil:
			c.sources.Logger.Debug("configuration file read", "file", path)
			files = append(files, file)
		case !named && (errors.Is(err, fs.ErrNotExist) || belowClosedHome(path, c.sources.Paths.Home)):
			c.sources.Logger.Debug("no configuration file", "file", path, "reason", errors.Unwrap(err))
		default:
			return nil, err
		}
	}
	return files, nil
}

// readFile reads a configuration file. Errors name the file and, for a mistake in
// it, the line and the column.
func readFile(path string) (configFile, error) {
	text, err := textfile.Read(path, maxConfigFile)
	if err != nil {
		return configFile{}, fmt.Errorf("cannot read the configuration file %s: %w", Presentable(path), err)
	}
	file, err := parseFile(text)
	if err != nil {
		return configFile{}, fmt.Errorf("the configuration file %s %w", path, err)
	}
	file.path = path
	return file, nil
}

// parseFile reads one JSON object. Its errors continue a sentence that begins with the name of the
// file.
func parseFile(text []byte) (configFile, error) {
	text, err := textfile.UTF8(text)
	if err != nil {
		return configFile{}, err
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
			return configFile{}, fmt.Errorf("has a wrong value: %s must be a string", key)
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
		return fmt.Errorf("has no JSON object such as {%q: …}", KeyServiceURL)
	}
	before := text[:min(syntax.ByteOffset, int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fmt.Errorf("has an error in line %d, column %d: invalid JSON: %w", line, column, syntax.Err)
}
