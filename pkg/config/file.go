package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json/jsontext"
)

// maxConfigFile bounds a configuration file, in bytes: a real one has three lines.
const maxConfigFile = 1 << 20

// fileValues are the settings of one configuration file, and the keys in it
// that mean nothing to us.
type fileValues struct {
	settings map[string]any
	unknown  []string
}

// readFile reads a configuration file. Errors name the file and, for what is
// wrong inside it, the line and the column.
func readFile(path string) (fileValues, error) {
	text, err := readBounded(path, maxConfigFile)
	if err != nil {
		return fileValues{}, fmt.Errorf("cannot read the configuration file %s: %w", path, err)
	}
	values, err := parseFile(text)
	if err != nil {
		return fileValues{}, fmt.Errorf("the configuration file %s %w", path, err)
	}
	return values, nil
}

// parseFile reads one JSON object. Its errors go on from the file's name.
func parseFile(text []byte) (fileValues, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return fileValues{}, errors.New("is UTF-16: save it as UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(text)) == 0 {
		return fileValues{}, errors.New("is empty: write {} where nothing is to be set, or remove it")
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	if kind := decoder.PeekKind(); kind != '{' && kind != 0 {
		return fileValues{}, fmt.Errorf("has %s where an object such as {%q: …} is due", kindName(kind), KeyServiceURL)
	}
	values, err := parseObject(decoder, text)
	if err == nil {
		_, err = decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err == nil {
			err = &positioned{offset: decoder.InputOffset(), err: errors.New("something follows the object")}
		}
	}
	return fileValues{}, located(text, err)
}

func parseObject(decoder *jsontext.Decoder, text []byte) (fileValues, error) {
	values := fileValues{settings: map[string]any{}}
	if _, err := decoder.ReadToken(); err != nil {
		return values, err
	}
	for decoder.PeekKind() != '}' {
		token, err := decoder.ReadToken()
		if err != nil {
			return values, err
		}
		key := token.String()
		if !known(key) {
			values.unknown = append(values.unknown, key)
			if err := decoder.SkipValue(); err != nil {
				return values, err
			}
			continue
		}
		if kind := decoder.PeekKind(); kind != '"' && kind != 0 {
			at := decoder.InputOffset()
			at += int64(len(text[at:]) - len(bytes.TrimLeft(text[at:], ": \t\r\n")))
			return values, &positioned{offset: at, err: fmt.Errorf("%s must be a string, not %s", key, kindName(kind))}
		}
		value, err := decoder.ReadToken()
		if err != nil {
			return values, err
		}
		values.settings[key] = value.String()
	}
	_, err := decoder.ReadToken()
	return values, err
}

func known(key string) bool {
	for _, k := range keys {
		if k.name == key {
			return true
		}
	}
	return false
}

// positioned is an error at a byte of the text.
type positioned struct {
	offset int64
	err    error
}

func (p *positioned) Error() string { return p.err.Error() }

// located adds the line and the column, both from 1, to a parser's error.
func located(text []byte, err error) error {
	var offset int64
	if at, ok := errors.AsType[*positioned](err); ok {
		offset, err = at.offset, at.err
	} else if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, err = syntax.ByteOffset, fmt.Errorf("is not JSON: %w", syntax.Err)
	} else if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		offset, err = int64(len(text)), errors.New("is not JSON: it ends too early")
	}
	before := text[:min(offset, int64(len(text)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fmt.Errorf("has an error in line %d, column %d: %w", line, column, err)
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	default:
		return "an array"
	}
}

// readBounded reads a file of at most limit bytes. Its errors do not repeat
// the path.
func readBounded(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, bare(err)
	}
	if int64(len(text)) > limit {
		return nil, errTooLarge
	}
	return text, nil
}

var errTooLarge = errors.New("it is too large to be one")

// bare is a file error without the operation and the path.
func bare(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
