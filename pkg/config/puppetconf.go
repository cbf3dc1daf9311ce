package config

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// fromPuppetConf is the service URL on the server of Puppet's agent. Without a readable puppet.conf,
// or a server in it, it is zero.
func fromPuppetConf(path string) Value {
	text, err := textfile.Read(path, maxConfigFile)
	if err == nil {
		text, err = textfile.UTF8(text)
	}
	server := puppetServer(string(text))
	if err != nil || server == "" {
		return Value{}
	}
	return Value{Text: UsualServiceURL(hostOf(server)), Origin: Origin{Layer: LayerPuppet, Name: path}}
}

// puppetServer is the server in a puppet.conf, else the first of server_list. As for Puppet, [agent]
// comes before [main], lines before a section belong to [main], and the first of two lines counts.
// A line that Puppet would refuse is skipped, and variables such as $certname are not replaced.
func puppetServer(text string) string {
	settings, section := map[string]string{}, "main"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		key := section + "." + strings.TrimSpace(name)
		if _, known := settings[key]; ok && !known {
			settings[key] = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	for _, name := range []string{"server", "server_list"} {
		for _, section := range []string{"agent", "main"} {
			if value, ok := settings[section+"."+name]; ok {
				first, _, _ := strings.Cut(value, ",")
				return strings.TrimSpace(first)
			}
		}
	}
	return ""
}

// UsualServiceURL is the default URL of Code Manager on a primary.
func UsualServiceURL(host string) string {
	return "https://" + net.JoinHostPort(host, defaultPort) + "/code-manager"
}

// hostOf takes the port and the brackets from a host, which can be a name or an address. A text that
// is no host stays as it is: the check of the service URL refuses it.
func hostOf(server string) string {
	if _, err := netip.ParseAddr(server); err == nil {
		return server
	}
	if parsed, err := url.Parse("//" + server); err == nil && parsed.Hostname() != "" {
		return parsed.Hostname()
	}
	return server
}
