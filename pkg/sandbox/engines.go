package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/git"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/r10k"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/sample"
)

// prepareEngine makes the engine in the options; live is the directory of the environments.
func (s *service) prepareEngine(options Options, live string) (engine.Engine, error) {
	if options.Engine == EngineR10K {
		return s.prepareR10K(options, live)
	}
	remote, err := s.prepareRepo(options)
	if errors.Is(err, git.ErrMissing) && options.ControlRepo == "" {
		options.Logger.Warn("git is not installed: the sample is deployed as it is, and nothing can be pushed to it")
		return sample.NewEngine(options.Logger)
	}
	if err != nil {
		return nil, err
	}
	return git.NewEngine(remote, s.folder.git(), live)
}

// prepareRepo opens the given repository, or creates the sample.
func (s *service) prepareRepo(options Options) (git.Remote, error) {
	spec := options.ControlRepo
	if spec == "" {
		spec = s.folder.sample()
		if err := sample.Create(spec); err != nil {
			return git.Remote{}, err
		}
		s.controlRepo = spec
	}
	remote, err := git.Open(context.Background(), spec, options.Head, options.Logger)
	if err == nil {
		s.controlRepo = remote.String()
	}
	return remote, option("control-repo", err)
}

func (s *service) prepareR10K(options Options, live string) (engine.Engine, error) {
	program, err := r10k.Find()
	if err != nil {
		return nil, option("engine", err)
	}
	made := r10k.Options{Program: program, Dir: s.folder.r10k(), Live: live, Log: options.Logger}
	if options.R10KConfig != "" {
		made.Config, err = s.readSources(options)
		if err != nil {
			return nil, err
		}
		return r10k.New(made)
	}
	remote, err := s.prepareRepo(options)
	if err != nil {
		return nil, err
	}
	address, refresh, err := remote.ForClone(context.Background(), s.folder.git())
	if err != nil {
		return nil, option("control-repo", err)
	}
	made.Config = r10k.ForRemote(address)
	if options.ControlRepo == "" {
		// The server of the module in the sample's Puppetfile does not exist.
		modules := filepath.ToSlash(sample.Modules(s.controlRepo)) + "/"
		made.Settings = []process.Setting{{Key: "url." + modules + ".insteadOf", Value: sample.ModuleRemote}}
	}
	work, err := r10k.New(made)
	return git.Refreshed{Engine: work, Refresh: refresh, Remote: remote, Basedir: live}, err
}

// readSources makes r10k deploy the sources of an r10k.yaml.
func (s *service) readSources(options Options) (*r10k.Config, error) {
	text, err := os.ReadFile(options.R10KConfig)
	if err != nil {
		return nil, option("r10k-config", err)
	}
	config, err := r10k.ParseConfig(text)
	if err != nil {
		return nil, option("r10k-config", fmt.Errorf("%s: %w", options.R10KConfig, err))
	}
	if len(config.Dropped) > 0 {
		options.Logger.Warn("these settings of r10k.yaml have no effect in the sandbox",
			"file", options.R10KConfig, "settings", strings.Join(config.Dropped, ", "))
	}
	s.controlRepo = config.Remote()
	return config, nil
}
