package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/puppet-code/puppet-code/pkg/config"
)

// tokenPlace is where a new token goes: into the token file, or to standard output.
type tokenPlace struct {
	app  *app
	path string
	// file is nil for standard output.
	file *config.TokenFile
}

// openPlace checks that the token can be saved, before anything is sent. The caller must close it.
func (a *app) openPlace(cfg config.Config, toStdout bool) (*tokenPlace, error) {
	p := &tokenPlace{app: a, path: cfg.TokenFile.Text}
	switch {
	case toStdout:
		return p, nil
	case p.path == "-":
		return nil, wrongUsage(errors.New("the token cannot be saved to standard input: use --print, or --token-file with a file"))
	case p.path == "":
		return nil, wrongUsage(errors.New("there is no home directory to save the token to: use --print, or --token-file with a file"))
	}
	file, err := config.OpenTokenFile(p.path)
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("%w (%s comes from %s)", err, config.KeyTokenFile, cfg.TokenFile.Origin))
	}
	p.file = file
	return p, nil
}

func (p *tokenPlace) close() {
	if p.file != nil {
		p.file.Discard()
	}
}

// put saves a new token, and announces it. If it can't be saved, it is revoked, because nobody else
// has it. Done says how the token was got.
func (p *tokenPlace) put(ctx context.Context, service *tokenService, text, done string) (*result, error) {
	p.app.secrets.err.hide(text)
	token, err := config.ParseToken([]byte(text), "the token from the server")
	if err != nil {
		return nil, noToken(err)
	}
	if p.file == nil {
		p.announce(ctx, service, token, done, "")
		return textResult(token.Reveal() + "\n"), nil
	}
	if err := p.save(token); err != nil {
		if revokeErr := service.WithToken(text).Revoke(ctx); revokeErr != nil {
			return nil, fmt.Errorf("%w; the new token could not be revoked, either, and stays valid", err)
		}
		return nil, fmt.Errorf("%w; the new token was revoked", err)
	}
	p.announce(ctx, service, token, done, " It is saved in "+config.Presentable(p.path)+".")
	return nil, nil
}

// save writes the token file, and warns if PUPPET_CODE_TOKEN takes precedence over it.
func (p *tokenPlace) save(token config.Token) error {
	if err := p.file.Save(token); err != nil {
		return err
	}
	if p.app.sys.env(config.EnvToken) != "" && !p.app.set.Changed(config.KeyTokenFile) {
		p.app.notice("Warning: %s is set, and its token is used, not the one in %s. Unset it to use the file.", config.EnvToken, config.Presentable(p.path))
	}
	return nil
}

// announce prints the user of a token, when it expires, and where it is saved.
func (p *tokenPlace) announce(ctx context.Context, service *tokenService, token config.Token, done, where string) {
	info, err := service.check(ctx, token)
	if err != nil {
		p.app.say("%s.%s It is not known when the token expires: %s.", done, where, reasonOf(err))
		return
	}
	p.app.say("%s: the token is %s.%s", done, validUntil(info), where)
}
