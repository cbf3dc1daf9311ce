package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// The lines of a puppet.conf, as in Puppet's ini_file.rb. A comment is on a separate line, and no
// line is continued. If any other line occurs, Puppet refuses the whole file.
var (
	sectionLine = pattern.New(`^\s*\[([\pL\pM\pN\p{Pc}]+)\]\s*$`)
	settingLine = pattern.New(`^\s*([\pL\pM\pN\p{Pc}]+)\s*=\s*(.*?)\s*$`)
	otherLine   = pattern.New(`^\s*(#.*)?$`)
)

// puppetSections are those that Puppet accepts.
var puppetSections = []string{"main", "server", "master", "agent", "user"}

// puppetConf is a puppet.conf: the settings of each section.
type puppetConf map[string]map[string]string

// parsePuppetConf reads a puppet.conf by Puppet's rules. In addition it skips a byte order mark.
// Its errors continue a sentence that begins with the name of the file.
func parsePuppetConf(text []byte) (puppetConf, error) {
	text, err := textfile.UTF8(text)
	if err != nil {
		return nil, err
	}
	conf, section := puppetConf{}, "main"
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		fail := func(format string, args ...any) error {
			return fmt.Errorf("has an error in line %d: "+format, append([]any{i + 1}, args...)...)
		}
		if !utf8.Valid(line) {
			return nil, fail("it is not UTF-8, so Puppet cannot read the file either")
		}
		if match := sectionLine().FindSubmatch(line); match != nil {
			if section = string(match[1]); !slices.Contains(puppetSections, section) {
				return nil, fail("Puppet knows no section [%s]", section)
			}
		} else if match := settingLine().FindSubmatch(line); match != nil {
			conf.add(section, string(match[1]), string(match[2]))
		} else if !otherLine().Match(line) {
			return nil, fail("Puppet doesn't understand %.40q", line)
		}
	}
	return conf, nil
}

// add keeps the first of two values that a section has for a setting.
func (c puppetConf) add(section, name, value string) {
	if c[section] == nil {
		c[section] = map[string]string{}
	}
	if _, ok := c[section][name]; !ok {
		c[section][name] = unquoted(value)
	}
}

// unquoted cuts one quotation mark from either end, as value_translator.rb does.
func unquoted(value string) string {
	if value != "" && strings.ContainsAny(value[:1], `"'`) {
		value = value[1:]
	}
	if value != "" && strings.ContainsAny(value[len(value)-1:], `"'`) {
		value = value[:len(value)-1]
	}
	return strings.TrimRight(value, " \t\r\n\f\v")
}

// lookup returns the raw value that the agent uses: from [agent], else from [main].
func (c puppetConf) lookup(name string) (value string, ok bool) {
	for _, section := range []string{"agent", "main"} {
		if value, ok = c[section][name]; ok {
			return value, true
		}
	}
	return "", false
}

var variable = pattern.New(`\$(\w+)|\$\{(\w+)\}`)

// maxDepth limits the depth of settings that refer to other settings.
const maxDepth = 10

// resolve returns a setting with the settings in it resolved: $certname, ${certname}. Depth is 0
// except in a setting that another refers to. Errors: it needs a setting that the file doesn't have,
// such as one of Puppet's defaults, which depend on the machine.
func (c puppetConf) resolve(name string, depth int) (string, error) {
	raw, _ := c.lookup(name)
	if depth > maxDepth {
		return "", errors.New("its settings refer to each other in a loop")
	}
	var failed error
	value := variable().ReplaceAllStringFunc(raw, func(expression string) string {
		inner := strings.Trim(expression, "${}")
		if inner == "run_mode" {
			return "agent"
		}
		if _, ok := c.lookup(inner); !ok || inner == "environment" {
			failed = fmt.Errorf("it needs %s, which the file does not set", expression)
			return ""
		}
		text, err := c.resolve(inner, depth+1)
		if err != nil {
			failed = err
		}
		return text
	})
	return value, failed
}
