package r10k

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// sourceName is what Code Manager calls its one source.
const sourceName = "puppet"

// Config has the sources of an r10k.yaml and the settings for them. The paths to which r10k writes
// are set for each run.
type Config struct {
	// root is a mapping of settings that are kept.
	root *yaml.Node
	// remote is the address of the first source.
	remote string
	// Dropped are the settings of the file that have no effect here, such as
	// deploy.write_lock.
	Dropped []string
}

// ForRemote is the configuration for one control repository.
func ForRemote(address string) *Config {
	source := mapping("remote", scalar(address))
	return &Config{root: mapping("sources", mapping(sourceName, source)), remote: address}
}

// keptSettings are the settings of an r10k.yaml that do not reach beyond the sandbox. Others set
// where to write (cachedir), which command to run afterwards (postrun), and where to log.
var keptSettings = []string{"sources", "git", "forge", "proxy", "pool_size", "deploy"}

// keptDeploySettings are the same for the settings below deploy. Others name the Puppet that
// generates types after a deployment, or a lock.
var keptDeploySettings = []string{"purge_levels"}

// ParseConfig takes over an r10k.yaml.
func ParseConfig(text []byte) (*Config, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, errors.New(engine.Redact(err.Error()))
	}
	if len(document.Content) == 0 {
		return nil, errors.New("the file is empty")
	}
	whole := document.Content[0]
	if err := refuseAliases(whole); err != nil {
		return nil, err
	}
	if whole.Kind != yaml.MappingNode {
		return nil, errors.New("the file must be a mapping, with the key sources")
	}
	config := &Config{}
	config.root = config.keep(whole, "", keptSettings)
	if deploy := get(config.root, "deploy"); deploy != nil && deploy.Kind == yaml.MappingNode {
		set(config.root, "deploy", config.keep(deploy, "deploy.", keptDeploySettings))
	}
	return config, config.check()
}

// keep copies the allowed settings of a mapping, and notes the others.
func (c *Config) keep(from *yaml.Node, prefix string, names []string) *yaml.Node {
	kept := mapping()
	for i := 0; i+1 < len(from.Content); i += 2 {
		name := strings.TrimPrefix(from.Content[i].Value, ":")
		if slices.Contains(names, name) {
			set(kept, name, from.Content[i+1])
		} else if !slices.Contains(c.Dropped, prefix+name) {
			c.Dropped = append(c.Dropped, prefix+name)
		}
	}
	return kept
}

// check requires at least one source, each a mapping.
func (c *Config) check() error {
	sources := get(c.root, "sources")
	if sources == nil || sources.Kind != yaml.MappingNode || len(sources.Content) == 0 {
		return errors.New("there are no sources: name at least one below the key sources")
	}
	for i := 0; i < len(sources.Content); i += 2 {
		name, source := sources.Content[i].Value, sources.Content[i+1]
		if source.Kind != yaml.MappingNode {
			return fmt.Errorf("source %s must be a mapping, with the key remote", strings.TrimPrefix(name, ":"))
		}
		if remote := get(source, "remote"); remote != nil && c.remote == "" {
			c.remote = remote.Value
		}
	}
	return nil
}

// Remote is the address of the first source, without a password. It is "" for
// sources that have none.
func (c *Config) Remote() string { return engine.Redact(c.remote) }

// deployTo sets where environments are made. All sources deploy to one directory, as those of Code
// Manager do.
func (c *Config) deployTo(basedir string) {
	sources := get(c.root, "sources")
	for i := 1; i < len(sources.Content); i += 2 {
		set(sources.Content[i], "basedir", scalar(basedir))
	}
	deploy := get(c.root, "deploy")
	if deploy == nil || deploy.Kind != yaml.MappingNode {
		deploy = mapping()
	}
	set(deploy, "purge_levels", purgeLevels(get(deploy, "purge_levels")))
	set(c.root, "deploy", deploy)
}

// render is the r10k.yaml for one cache.
func (c *Config) render(cachedir string) ([]byte, error) {
	root := *c.root
	set(&root, "cachedir", scalar(cachedir))
	return yaml.Marshal(&root)
}

// purgeLevels are those of the file without deployment: each environment is deployed separately,
// and the sandbox removes environments whose branch is gone.
func purgeLevels(given *yaml.Node) *yaml.Node {
	levels := &yaml.Node{Kind: yaml.SequenceNode}
	if given == nil {
		levels.Content = append(levels.Content, scalar("puppetfile"))
		return levels
	}
	wanted := given.Content
	if given.Kind == yaml.ScalarNode {
		wanted = []*yaml.Node{given}
	}
	for _, level := range wanted {
		if strings.TrimPrefix(level.Value, ":") != "deployment" {
			levels.Content = append(levels.Content, level)
		}
	}
	return levels
}
