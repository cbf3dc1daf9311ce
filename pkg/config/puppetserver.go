package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/pattern"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

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
	hostName  = pattern.New(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$`)
	withPort  = pattern.New(`^(\[[^\]]*\]|[^:\[\]]*)(:\d*)?$`)
	noComment = "Puppet reads a comment after a value as part of the value: put the comment on a separate line"
)

// hostOf takes the port and the brackets from a host, which can be a name or
// an address.
func hostOf(server string) (string, error) {
	host := server
	if match := withPort().FindStringSubmatch(server); match != nil {
		host = strings.Trim(match[1], "[]")
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return address.String(), nil
	}
	switch {
	case strings.Contains(server, "#"):
		return "", fmt.Errorf("%q is not a host name: %s", server, noComment)
	case !hostName().MatchString(host):
		return "", fmt.Errorf("%q is not a host name", server)
	}
	return host, nil
}
