package config

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

// keys are all keys, and variables their environment variables.
var (
	keys      = []string{KeyServiceURL, KeyCACert, KeyTokenFile, KeyRBACURL}
	variables = map[string]string{
		KeyServiceURL: EnvServiceURL,
		KeyCACert:     EnvCACert,
		KeyTokenFile:  EnvTokenFile,
		KeyRBACURL:    EnvRBACURL,
	}
)

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
}

// String continues a sentence after "from": "the command line (--cacert)".
func (o Origin) String() string {
	switch o.Layer {
	case LayerFlag:
		return "the command line (" + o.Name + ")"
	case LayerEnv:
		return "the environment variable " + o.Name
	case LayerFile, LayerPuppet:
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
