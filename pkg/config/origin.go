package config

// The keys of the configuration, in files and on the command line.
const (
	KeyServiceURL = "service-url"
	KeyCACert     = "cacert"
	KeyTokenFile  = "token-file"
)

// The environment variables that set them, and the token itself.
const (
	EnvServiceURL = "PUPPET_CODE_SERVICE_URL"
	EnvCACert     = "PUPPET_CODE_CACERT"
	EnvTokenFile  = "PUPPET_CODE_TOKEN_FILE"
	EnvToken      = "PUPPET_CODE_TOKEN"
)

// keys are all keys with their environment variables, in the order in which
// people see them.
var keys = []struct{ name, env string }{
	{KeyServiceURL, EnvServiceURL},
	{KeyCACert, EnvCACert},
	{KeyTokenFile, EnvTokenFile},
}

// Layer is where a value can come from.
type Layer string

// The layers, highest first.
const (
	LayerFlag    Layer = "command line"
	LayerEnv     Layer = "environment"
	LayerFile    Layer = "file"
	LayerPuppet  Layer = "puppet.conf"
	LayerDefault Layer = "default"
	// LayerNone is the origin of a value that nothing sets.
	LayerNone Layer = "not set"
)

// Origin is where a value came from.
type Origin struct {
	Layer Layer
	// Name is the flag, the environment variable or the file; empty for
	// LayerDefault and LayerNone.
	Name string
}

// String reads well after "from": "the command line (--cacert)".
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

// Value is a setting and its origin.
type Value struct {
	Text   string
	Origin Origin
}
