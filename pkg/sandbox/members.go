package sandbox

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// memberParser takes typed values out of a JSON object and keeps the first
// error.
type memberParser struct {
	members map[string]jsontext.Value
	err     error
}

// flag is a boolean member, or the fallback where it is absent.
func (p *memberParser) flag(key string, fallback bool) bool {
	raw, found := p.members[key]
	if !found {
		return fallback
	}
	if kind := raw.Kind(); kind != 't' && kind != 'f' {
		p.fail("%q must be true or false, not %s", key, kindName(kind))
		return fallback
	}
	return raw.Kind() == 't'
}

// names is a member that lists strings. A name that comes twice counts once.
func (p *memberParser) names(key string) []string {
	raw, found := p.members[key]
	if !found {
		return nil
	}
	if kind := raw.Kind(); kind != '[' {
		p.fail("%q must be an array of strings, not %s", key, kindName(kind))
		return nil
	}
	var items []jsontext.Value
	if err := json.Unmarshal(raw, &items); err != nil {
		p.fail("%q: %v", key, err)
		return nil
	}
	var names []string
	seen := map[string]bool{}
	for i, item := range items {
		var name string
		if item.Kind() != '"' || json.Unmarshal(item, &name) != nil {
			p.fail("%q must be an array of strings: item %d is %s", key, i+1, kindName(item.Kind()))
			return nil
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return slices.Clip(names)
}

func (p *memberParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// kindName is a kind of JSON value in words.
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
	case '[':
		return "an array"
	case '{':
		return "an object"
	default:
		return "something else"
	}
}
