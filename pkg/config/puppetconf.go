package config

import (
	"fmt"
	"net"
	"strings"

	"gopkg.in/ini.v1"
)

// defaultPort is where Code Manager listens on the primary.
const defaultPort = "8170"

// puppetServer reads the setting server of a puppet.conf, from [agent] or,
// as older files have it, from [main]. It is "" where neither sets it.
func puppetServer(path string) (string, error) {
	text, err := readBounded(path, maxConfigFile)
	if err != nil {
		return "", err
	}
	return parsePuppetConf(text)
}

func parsePuppetConf(text []byte) (string, error) {
	file, err := ini.LoadSources(ini.LoadOptions{
		// Puppet knows comments on lines of their own only, and no continued lines.
		IgnoreInlineComment:     true,
		IgnoreContinuation:      true,
		SkipUnrecognizableLines: true,
		KeyValueDelimiters:      "=",
	}, text)
	if err != nil {
		return "", err
	}
	for _, section := range []string{"agent", "main"} {
		if !file.HasSection(section) {
			continue
		}
		if server := file.Section(section).Key("server").String(); server != "" {
			return server, nil
		}
	}
	return "", nil
}

// serviceURLOf is the usual service URL of a primary.
func serviceURLOf(server string) (string, error) {
	if strings.ContainsAny(server, "/@ \t\"'") {
		return "", fmt.Errorf("server %q is no host name", server)
	}
	return "https://" + net.JoinHostPort(server, defaultPort) + "/code-manager", nil
}
