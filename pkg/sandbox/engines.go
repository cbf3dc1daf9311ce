package sandbox

import (
	"fmt"
	"os"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/r10k"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/sample"
)

// prepareEngine makes the engine that the options name; live is the directory
// of the environments.
func (p *parts) prepareEngine(options Options, live string) (engine.Engine, error) {
	if options.Engine == EngineR10K {
		return p.prepareR10K(options, live)
	}
	repo, err := p.prepareRepo(options.ControlRepo)
	if err != nil {
		return nil, err
	}
	git, err := engine.NewGit(repo, p.folder.mirrors(), live, options.Logger)
	if err != nil {
		return nil, option("control-repo", err)
	}
	p.controlRepo = git.Source()
	return git, nil
}

// prepareRepo makes the sample where no repository is given.
func (p *parts) prepareRepo(repo string) (string, error) {
	if repo != "" {
		return repo, nil
	}
	made := p.folder.sample()
	if sample.Exists(made) {
		return made, nil
	}
	return made, sample.Create(made)
}

func (p *parts) prepareR10K(options Options, live string) (engine.Engine, error) {
	program, err := r10k.Find(options.R10K)
	if err != nil && options.R10K != "" {
		return nil, option("r10k", err)
	}
	if err != nil {
		return nil, option("engine", err)
	}
	config, err := p.prepareSources(options)
	if err != nil {
		return nil, err
	}
	return r10k.New(r10k.Options{
		Program: program, Config: config, Dir: p.folder.r10k(), Live: live,
		Log: options.Logger,
	})
}

// prepareSources says where r10k finds environments.
func (p *parts) prepareSources(options Options) (*r10k.Config, error) {
	if options.R10KConfig == "" {
		repo, err := p.prepareRepo(options.ControlRepo)
		if err != nil {
			return nil, err
		}
		address, shown, err := engine.Remote(repo)
		if err != nil {
			return nil, option("control-repo", err)
		}
		p.controlRepo = shown
		return r10k.ForRemote(address), nil
	}
	text, err := os.ReadFile(options.R10KConfig)
	if err != nil {
		return nil, option("r10k-config", err)
	}
	config, err := r10k.ParseConfig(text)
	if err != nil {
		return nil, option("r10k-config", fmt.Errorf("%s: %w", options.R10KConfig, err))
	}
	p.controlRepo = config.Remote()
	return config, nil
}
