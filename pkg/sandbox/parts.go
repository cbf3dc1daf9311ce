package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/livedir"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/queue"
)

// parts is all of a sandbox but the network.
type parts struct {
	folder      folder
	controlRepo string
	codedir     string
	tokenFile   string
	api         *api

	// cleanup undoes what was made, last first.
	cleanup []func() error
}

// assemble makes the parts. What it made is undone if one of them fails.
func assemble(life context.Context, options Options) (*parts, error) {
	home, err := openFolder(options.Dir, options.Logger)
	if err != nil {
		return nil, err
	}
	p := &parts{folder: home, cleanup: []func() error{home.leave}}
	if err := p.build(life, options); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *parts) build(life context.Context, options Options) error {
	auth, err := p.prepareTokens(options)
	if err != nil {
		return err
	}
	work, err := p.prepareDeployer(options)
	if err != nil {
		return err
	}
	compilers := max(options.Compilers, 0)
	fleet, err := filesync.StartFleet(work.storage, p.folder.compilers(), compilers, options.SyncInterval, options.Logger)
	if err != nil {
		return fmt.Errorf("compilers: %w", err)
	}
	p.cleanup = append(p.cleanup, fleet.Close)
	jobs := queue.Start(queue.Options{Workers: options.Workers, Run: work.run, Now: options.Now, TTL: options.DeployTTL})
	p.cleanup = append(p.cleanup, func() error { jobs.Close(); return nil })
	p.api = &api{
		life: life, auth: auth, deployer: work, queue: jobs, fleet: fleet,
		log: options.Logger, noIDs: options.NoIDs, dropWaitAfter: options.DropWaitAfter, answerTimeout: options.answerTimeout,
	}
	return nil
}

// prepareTokens collects all tokens that are accepted.
func (p *parts) prepareTokens(options Options) (*authenticator, error) {
	token, err := p.prepareToken(options.TokenFile)
	if err != nil {
		return nil, err
	}
	auth := &authenticator{now: options.Now}
	if options.Tokens != "" {
		if auth.grants, err = readTokens(options.Tokens); err != nil {
			return nil, option("tokens", err)
		}
	}
	// What the file of tokens says about this one counts.
	if own := newGrant("sandbox", token); !slices.ContainsFunc(auth.grants, own.sameToken) {
		auth.grants = append(auth.grants, own)
	}
	return auth, nil
}

func (p *parts) prepareToken(file string) (token string, err error) {
	if file == "" {
		p.tokenFile = p.folder.token()
		return makeToken(p.tokenFile)
	}
	if p.tokenFile, err = filepath.Abs(file); err != nil {
		return "", option("token-file", err)
	}
	if token, err = readToken(p.tokenFile); err != nil {
		return "", option("token-file", fmt.Errorf("%w; without this option the sandbox makes a token", err))
	}
	return token, nil
}

func (p *parts) prepareDeployer(options Options) (*deployer, error) {
	p.codedir = p.folder.codedir()
	if options.Codedir != "" {
		absolute, err := filepath.Abs(options.Codedir)
		if err != nil {
			return nil, option("codedir", err)
		}
		p.codedir = absolute
	}
	live := filepath.Join(p.codedir, "environments")
	// Inside of the codedir only where that is another file system.
	area, err := livedir.Open(live, p.folder.staging(), filepath.Join(p.codedir, ".sandbox-staging"))
	if err != nil {
		return nil, option("codedir", err)
	}
	p.cleanup = append(p.cleanup, area.Close)
	storage, err := filesync.NewStorage(area, p.folder.state(), options.Now)
	if err != nil {
		return nil, err
	}
	work, err := p.prepareEngine(options, live)
	if err != nil {
		return nil, err
	}
	return &deployer{engine: work, area: area, storage: storage, delay: options.DeployDelay, log: options.Logger}, nil
}

// close undoes everything, last made first.
func (p *parts) close() error {
	var errs []error
	for i := len(p.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, p.cleanup[i]())
	}
	return errors.Join(errs...)
}
