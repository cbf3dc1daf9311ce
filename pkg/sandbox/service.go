package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/api"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/deploy"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/filesync"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/live"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/rbac"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/tokens"
)

// UserName is the user that can log in at the token service, and has the token of
// TokenFile.
const UserName = "sandbox"

// service is a sandbox without the network.
type service struct {
	folder      folder
	controlRepo string
	codedir     string
	tokenFile   string
	tokens      *tokens.Store
	// passwordFile is that of the user of the token service.
	passwordFile string
	handler      http.Handler
	tokenService http.Handler

	// cleanup has the functions that undo each step, to be run in reverse order.
	cleanup []func() error
}

// build makes the service; closing ends when the server closes. If a step fails, the earlier steps
// are undone.
func build(closing context.Context, options Options) (*service, error) {
	home, err := openFolder(options.Dir)
	if err != nil {
		return nil, err
	}
	s := &service{folder: home, cleanup: []func() error{home.leave}}
	if err := s.assemble(closing, options); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *service) assemble(closing context.Context, options Options) error {
	if err := s.prepareTokens(options); err != nil {
		return err
	}
	deployer, err := s.prepareDeployer(options)
	if err != nil {
		return err
	}
	clients := filesync.Start(deployer.Live, clientNames(options.Compilers), options.CompilersDown, options.SyncInterval, options.Now)
	s.cleanup = append(s.cleanup, func() error { clients.Close(); return nil })
	queue := deploy.NewQueue(deploy.QueueOptions{Workers: options.Workers, Run: deployer.Run, Now: options.Now, TTL: options.DeployTTL})
	s.cleanup = append(s.cleanup, func() error { queue.Close(); return nil })
	s.handler = api.Handler(closing, api.Config{
		Tokens: s.tokens, Deployer: deployer, Queue: queue, Clients: clients, Log: options.Logger,
		NoIDs: options.NoIDs, DenyDeploy: options.DenyDeploy, DropWaitAfter: options.DropWaitAfter, SyncTimeout: options.syncTimeout,
		Faults: api.Faults{StatusCode: options.StatusCode, Requests: options.StatusCodeRequests},
	})
	return nil
}

// prepareTokens collects all tokens that are accepted.
func (s *service) prepareTokens(options Options) error {
	token, err := s.prepareToken(options.TokenFile)
	if err != nil {
		return err
	}
	if s.tokens, err = tokens.Open(s.folder.kept("tokens.json"), options.Now, options.Logger); err != nil {
		return option("dir", fmt.Errorf("the record of the tokens is damaged: %w; delete tokens.json to start over", err))
	}
	s.tokens.Accept(token, tokens.Token{User: UserName})
	if options.ExpireTokensAfter > 0 {
		s.tokens.ExpireAll(options.Now().Add(options.ExpireTokensAfter))
	}
	s.passwordFile = s.folder.password()
	password, err := tokens.MakeFile(s.passwordFile)
	if err != nil {
		return option("dir", err)
	}
	s.tokenService = rbac.Handler(rbac.Config{
		User: UserName, Password: password, Tokens: s.tokens, Now: options.Now, Log: options.Logger,
	})
	return nil
}

func (s *service) prepareToken(file string) (token string, err error) {
	if file == "" {
		s.tokenFile = s.folder.token()
		return tokens.MakeFile(s.tokenFile)
	}
	if s.tokenFile, err = filepath.Abs(file); err != nil {
		return "", option("token-file", err)
	}
	if token, err = tokens.ReadFile(s.tokenFile); err != nil {
		return "", option("token-file", fmt.Errorf("%w; without this option the sandbox makes a token", textfile.WithoutStop(err)))
	}
	return token, nil
}

func (s *service) prepareDeployer(options Options) (*deploy.Deployer, error) {
	s.codedir = s.folder.codedir()
	if options.Codedir != "" {
		absolute, err := filepath.Abs(options.Codedir)
		if err != nil {
			return nil, option("codedir", err)
		}
		s.codedir = absolute
	}
	store, err := live.Open(filepath.Join(s.codedir, "environments"), s.folder.kept("state.json"), options.Now)
	if errors.Is(err, live.ErrState) {
		return nil, option("dir", err)
	}
	if err != nil {
		return nil, option("codedir", err)
	}
	s.cleanup = append(s.cleanup, store.Close)
	work, err := s.prepareEngine(options, store.Dir())
	if err != nil {
		return nil, err
	}
	return &deploy.Deployer{
		Engine: failing{Engine: work, fail: options.Fail, live: store.Dir()}, Live: store,
		StartDelay: options.DeployDelay, FetchDelay: options.FetchDelay, Log: options.Logger,
	}, nil
}

// close undoes all steps in reverse order.
func (s *service) close() error {
	var errs []error
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanup[i]())
	}
	return errors.Join(errs...)
}
