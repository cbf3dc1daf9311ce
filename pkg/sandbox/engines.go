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

// prepareEngine makes the engine that the options name; live is the directory
// of the environments.
func (p *parts) prepareEngine(options Options, live string) (engine.Engine, error) {
	if options.Engine == EngineR10K {
		return p.prepareR10K(options, live)
	}
	program, missing := git.Find(options.Logger)
	if missing != nil && options.ControlRepo == "" {
		return p.prepareSampleEngine(options)
	}
	address, err := p.prepareRepo(options.ControlRepo)
	if err == nil {
		err = missing
	}
	if err == nil {
		err = program.Check(context.Background(), address)
	}
	if err != nil {
		return nil, option("control-repo", err)
	}
	return git.NewEngine(program, address, p.folder.mirrors(), live)
}

// prepareSampleEngine makes the engine for a machine without git.
func (p *parts) prepareSampleEngine(options Options) (engine.Engine, error) {
	p.controlRepo = p.folder.sample()
	if err := sample.Create(p.controlRepo); err != nil {
		return nil, err
	}
	options.Logger.Warn("git is not installed: the sample is deployed as it is, and nothing can be pushed to it")
	return sample.NewEngine(options.Logger)
}

// prepareRepo is where the repository is that is given, or the sample, which it
// makes.
func (p *parts) prepareRepo(repo string) (git.Address, error) {
	if repo == "" {
		repo = p.folder.sample()
		if err := sample.Create(repo); err != nil {
			return git.Address{}, err
		}
	}
	address, err := git.ParseAddress(repo)
	p.controlRepo = address.String()
	return address, err
}

func (p *parts) prepareR10K(options Options, live string) (engine.Engine, error) {
	path, err := r10k.Find(options.R10K)
	if err != nil && options.R10K != "" {
		return nil, option("r10k", err)
	}
	if err != nil {
		return nil, option("engine", err)
	}
	program, err := git.Find(options.Logger)
	if err != nil {
		return nil, option("engine", errors.New("r10k needs git, which is not installed: install it, on Debian and Ubuntu the package git"))
	}
	made := r10k.Options{Program: path, Dir: p.folder.r10k(), Live: live, Log: options.Logger}
	if options.R10KConfig != "" {
		made.Config, err = p.readSources(options)
	} else {
		made.Config, err = p.prepareSource(options, program)
	}
	if err != nil {
		return nil, err
	}
	if options.R10KConfig == "" && options.ControlRepo == "" {
		// Where the Puppetfile of the sample says its module is, there is no server.
		modules := filepath.ToSlash(sample.Modules(p.folder.sample())) + "/"
		made.Settings = []process.Setting{{Key: "url." + modules + ".insteadOf", Value: sample.ModuleRemote}}
	}
	return r10k.New(made)
}

// prepareSource has r10k deploy one control repository.
func (p *parts) prepareSource(options Options, program *git.Program) (*r10k.Config, error) {
	address, err := p.prepareRepo(options.ControlRepo)
	if err == nil {
		err = program.Check(context.Background(), address)
	}
	return r10k.ForRemote(address.ForGit()), option("control-repo", err)
}

// readSources has r10k deploy the sources of an r10k.yaml.
func (p *parts) readSources(options Options) (*r10k.Config, error) {
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
	p.controlRepo = config.Remote()
	return config, nil
}
