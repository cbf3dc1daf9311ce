package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// parts is all of a sandbox but the network.
type parts struct {
	folder      folder
	controlRepo string
	codedir     string
	tokenFile   string
	tokens      *tokens.Store
	handler     http.Handler

	// cleanup undoes what was made, last first.
	cleanup []func() error
}

// build makes the parts; closing ends when the server closes. If one of them
// cannot be made, the others are undone.
func build(closing context.Context, options Options) (*parts, error) {
	home, err := openFolder(options.Dir)
	if err != nil {
		return nil, err
	}
	p := &parts{folder: home, cleanup: []func() error{home.leave}}
	if err := p.build(closing, options); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *parts) build(closing context.Context, options Options) error {
	if err := p.prepareTokens(options); err != nil {
		return err
	}
	deployer, err := p.prepareDeployer(options)
	if err != nil {
		return err
	}
	clients := filesync.Start(deployer.Live, clientNames(options.Compilers), options.CompilersDown, options.SyncInterval, options.Now)
	p.cleanup = append(p.cleanup, func() error { clients.Close(); return nil })
	queue := deploy.NewQueue(deploy.QueueOptions{Workers: options.Workers, Run: deployer.Run, Now: options.Now, TTL: options.DeployTTL})
	p.cleanup = append(p.cleanup, func() error { queue.Close(); return nil })
	p.handler = api.Handler(closing, api.Config{
		Tokens: p.tokens, Deployer: deployer, Queue: queue, Clients: clients, Log: options.Logger,
		NoIDs: options.NoIDs, OldDetails: options.OldDetails, DropWaitAfter: options.DropWaitAfter,
		AnswerTimeout: options.answerTimeout, SyncTimeout: options.syncTimeout,
		Faults: api.Faults{StatusCode: options.StatusCode, Requests: options.StatusCodeRequests},
	})
	return nil
}

// prepareTokens collects all tokens that are accepted.
func (p *parts) prepareTokens(options Options) error {
	token, err := p.prepareToken(options.TokenFile)
	if err != nil {
		return err
	}
	p.tokens = tokens.NewStore(options.Now)
	if options.Tokens != "" {
		if err := p.tokens.AddList(options.Tokens); err != nil {
			return option("tokens", err)
		}
	}
	// If the list has this token, too, its entry there counts.
	p.tokens.Add(token, tokens.Token{User: "sandbox"})
	if options.ExpireTokensAfter > 0 {
		p.tokens.ExpireAll(options.Now().Add(options.ExpireTokensAfter))
	}
	return nil
}

func (p *parts) prepareToken(file string) (token string, err error) {
	if file == "" {
		p.tokenFile = p.folder.token()
		return tokens.MakeFile(p.tokenFile)
	}
	if p.tokenFile, err = filepath.Abs(file); err != nil {
		return "", option("token-file", err)
	}
	if token, err = tokens.ReadFile(p.tokenFile); err != nil {
		return "", option("token-file", fmt.Errorf("%w; without this option the sandbox makes a token", err))
	}
	return token, nil
}

func (p *parts) prepareDeployer(options Options) (*deploy.Deployer, error) {
	p.codedir = p.folder.codedir()
	if options.Codedir != "" {
		absolute, err := filepath.Abs(options.Codedir)
		if err != nil {
			return nil, option("codedir", err)
		}
		p.codedir = absolute
	}
	store, err := live.Open(live.Options{
		Dir: filepath.Join(p.codedir, "environments"),
		// In the codedir only if that is another file system.
		Staging: []string{p.folder.staging(), filepath.Join(p.codedir, ".sandbox-staging")},
		State:   p.folder.state(), Now: options.Now,
	})
	if errors.Is(err, live.ErrState) {
		return nil, option("dir", err)
	}
	if err != nil {
		return nil, option("codedir", err)
	}
	p.cleanup = append(p.cleanup, store.Close)
	work, err := p.prepareEngine(options, store.Dir())
	if err != nil {
		return nil, err
	}
	return &deploy.Deployer{
		Engine: failing{Engine: work, fail: options.Fail, live: store.Dir()}, Live: store,
		StartDelay: options.DeployDelay, FetchDelay: options.FetchDelay, Log: options.Logger,
	}, nil
}

// close undoes everything, last made first.
func (p *parts) close() error {
	var errs []error
	for i := len(p.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, p.cleanup[i]())
	}
	return errors.Join(errs...)
}
