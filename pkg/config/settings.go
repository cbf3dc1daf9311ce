package config

import "strings"

// The keys of the configuration, in files and on the command line.
const (
	KeyServiceURL = "service-url"
	KeyCACert     = "cacert"
	KeyTokenFile  = "token-file"
	KeyRBACURL    = "rbac-url"
)

// The environment variables that set them, and the token itself.
const (
	EnvServiceURL = "PUPPET_CODE_SERVICE_URL"
	EnvCACert     = "PUPPET_CODE_CACERT"
	EnvTokenFile  = "PUPPET_CODE_TOKEN_FILE"
	EnvRBACURL    = "PUPPET_CODE_RBAC_URL"
	EnvToken      = "PUPPET_CODE_TOKEN"
)

// setting is one setting.
type setting struct {
	// key is its name on the command line, env its environment variable.
	key, env string
	// fileKeys are its names in a configuration file, the preferred one first.
	fileKeys []string
}

var (
	serviceURL = setting{key: KeyServiceURL, env: EnvServiceURL, fileKeys: []string{KeyServiceURL}}
	// Guides, and puppet-access.conf, call the file of authorities certificate-file.
	caCert    = setting{key: KeyCACert, env: EnvCACert, fileKeys: []string{KeyCACert, "certificate-file"}}
	tokenFile = setting{key: KeyTokenFile, env: EnvTokenFile, fileKeys: []string{KeyTokenFile}}
	rbacURL   = setting{key: KeyRBACURL, env: EnvRBACURL, fileKeys: []string{KeyRBACURL}}
	// accessURL is the same setting in puppet-access.conf.
	accessURL = setting{key: KeyRBACURL, fileKeys: []string{KeyServiceURL}}
)

// codeKeys are the keys of puppet-code.conf.
var codeKeys = []string{KeyServiceURL, KeyCACert, "certificate-file", KeyTokenFile, KeyRBACURL}

// misspelt returns the known key that is similar to an unknown one: service_url, serviceUrl and
// ServiceURL are service-url. It is "" if no key is similar.
func misspelt(key string) string {
	for _, name := range codeKeys {
		if plain(key) == plain(name) {
			return name
		}
	}
	return ""
}

func plain(key string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(key))
}

// Layer is a source of values.
type Layer string

// The layers, highest first.
const (
	LayerFlag Layer = "command line"
	LayerEnv  Layer = "environment"
	// LayerFile is puppet-code.conf or, for the address of the token service,
	// puppet-access.conf.
	LayerFile    Layer = "file"
	LayerPuppet  Layer = "puppet.conf"
	LayerDefault Layer = "default"
	// LayerNone is the origin of a value that nothing sets.
	LayerNone Layer = "not set"
)

// Origin is where a value came from.
type Origin struct {
	Layer Layer `json:"layer"`
	// Name is the flag, the environment variable or the file; empty for
	// LayerDefault and LayerNone.
	Name string `json:"name,omitempty"`
	// Setting is the key in the file, if it differs from the name of the setting: server_list of
	// puppet.conf, certificate-file of puppet-code.conf.
	Setting string `json:"setting,omitempty"`
}

// String continues a sentence after "from": "the command line (--cacert)".
func (o Origin) String() string {
	switch o.Layer {
	case LayerFlag:
		return "the command line (" + o.Name + ")"
	case LayerEnv:
		return "the environment variable " + o.Name
	case LayerFile, LayerPuppet:
		if o.Setting != "" {
			return o.Setting + " in " + o.Name
		}
		return o.Name
	case LayerDefault:
		return "the default"
	default:
		return "nowhere"
	}
}

// Value is a setting and its origin. Text is "" if nothing sets it. Its JSON is that of print-config.
type Value struct {
	Origin Origin `json:"origin"`
	Text   string `json:"value"`
}
