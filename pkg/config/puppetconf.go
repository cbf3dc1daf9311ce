package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// The lines of a puppet.conf, as in Puppet's ini_file.rb. A comment is on a separate line, and no
// line is continued. If any other line occurs, Puppet refuses the whole file.
var (
	sectionLine = regexp.MustCompile(`^\s*\[(\w+)\]\s*$`)
	settingLine = regexp.MustCompile(`^\s*(\w+)\s*=\s*(.*?)\s*$`)
	otherLine   = regexp.MustCompile(`^\s*(#.*)?$`)
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
		if match := sectionLine.FindSubmatch(line); match != nil {
			if section = string(match[1]); !slices.Contains(puppetSections, section) {
				return nil, fail("Puppet knows no section [%s]", section)
			}
		} else if match := settingLine.FindSubmatch(line); match != nil {
			conf.add(section, string(match[1]), string(match[2]))
		} else if !otherLine.Match(line) {
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

var variable = regexp.MustCompile(`\$(\w+)|\$\{(\w+)\}`)

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
	value := variable.ReplaceAllStringFunc(raw, func(expression string) string {
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

// fromPuppetConf is the layer that derives the service URL from the agent's server. Without a
// puppet.conf or a server in it, it sets nothing.
func fromPuppetConf(path string) layer {
	return func(s setting) Value {
		if s.key != KeyServiceURL || path == "" {
			return Value{}
		}
		origin := Origin{Layer: LayerPuppet, Name: path}
		text, err := textfile.Read(path, maxConfigFile)
		if errors.Is(err, fs.ErrNotExist) {
			return Value{}
		}
		if err != nil {
			return Value{Origin: origin, err: fmt.Errorf("cannot read %s: %w", path, err)}
		}
		conf, err := parsePuppetConf(text)
		if err != nil {
			return Value{Origin: origin, err: fmt.Errorf("%s %w", path, err)}
		}
		return conf.serviceURL(origin)
	}
}

// serviceURL is the usual URL on the host of server, else on the first host of server_list.
func (c puppetConf) serviceURL(origin Origin) Value {
	name := "server"
	if raw, _ := c.lookup(name); raw == "" {
		name = "server_list"
		origin.Setting = name
	}
	if raw, _ := c.lookup(name); raw == "" {
		return Value{}
	}
	text, err := c.resolve(name, 0)
	if err == nil {
		if name == "server_list" {
			text, _, _ = strings.Cut(text, ",")
		}
		text, err = hostOf(strings.TrimSpace(text))
	}
	if err != nil {
		return Value{Origin: origin, err: fmt.Errorf("%s in %s can't be used: %w", name, origin.Name, err)}
	}
	return Value{Text: usualURL(text), Origin: origin}
}

// usualURL is the default URL of Code Manager on a primary.
func usualURL(host string) string {
	return "https://" + net.JoinHostPort(host, defaultPort) + "/code-manager"
}

var (
	hostName  = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)
	withPort  = regexp.MustCompile(`^(\[[^\]]*\]|[^:\[\]]*)(:\d*)?$`)
	noComment = "Puppet reads a comment after a value as part of the value: put the comment on a separate line"
)

// hostOf takes the port and the brackets from a host, which can be a name or
// an address.
func hostOf(server string) (string, error) {
	host := server
	if match := withPort.FindStringSubmatch(server); match != nil {
		host = strings.Trim(match[1], "[]")
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return address.String(), nil
	}
	switch {
	case strings.Contains(server, "#"):
		return "", fmt.Errorf("%q is not a host name: %s", server, noComment)
	case !hostName.MatchString(host):
		return "", fmt.Errorf("%q is not a host name", server)
	}
	return host, nil
}
