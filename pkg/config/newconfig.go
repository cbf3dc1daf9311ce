package config

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// NewSettings are the settings of a new puppet-code.conf. An empty one is left out.
type NewSettings struct {
	ServiceURL string `json:"service-url,omitempty"`
	RBACURL    string `json:"rbac-url,omitempty"`
	CACert     string `json:"cacert,omitempty"`
}

// File is the text of a configuration file with these settings.
func (n NewSettings) File() ([]byte, error) {
	text, err := json.Marshal(n, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

// UserFile reports whether the user has a puppet-code.conf, and which lines it would need to have
// these settings.
func (c Config) UserFile(wanted NewSettings) (found bool, lacks []string) {
	for _, file := range c.files {
		if file.path != c.sources.Paths.UserFile {
			continue
		}
		found = true
		for _, line := range []struct{ key, wanted string }{
			{KeyServiceURL, wanted.ServiceURL}, {KeyRBACURL, wanted.RBACURL}, {KeyCACert, wanted.CACert},
		} {
			if line.wanted != "" && c.sources.Paths.expand(file.settings.GetString(line.key)) != line.wanted {
				lacks = append(lacks, fmt.Sprintf("%q: %q", line.key, line.wanted))
			}
		}
	}
	return found, lacks
}
