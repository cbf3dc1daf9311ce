package config

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
	// err is the reason why the layer in Origin has the setting, but no usable value. It is
	// reported only if the value is needed.
	err error
}
