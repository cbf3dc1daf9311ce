package config

// Layer is where a value can come from.
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
	Layer Layer
	// Name is the flag, the environment variable or the file; empty for
	// LayerDefault and LayerNone.
	Name string
	// Setting is the name in the file, where it isn't the setting's own:
	// server_list of puppet.conf, certificate-file of puppet-code.conf.
	Setting string
}

// String reads well after "from": "the command line (--cacert)".
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

// Value is a setting and its origin. Text is "" where nothing sets it.
type Value struct {
	Text   string
	Origin Origin
	// err says why the layer named in Origin, which has the setting, gives no
	// text. It is reported only if the value is needed.
	err error
}
