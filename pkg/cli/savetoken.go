package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/puppet-code/puppet-code/pkg/config"
)

// tokenDestination is where a new token goes: into the token file, or to standard output.
type tokenDestination struct {
	app  *app
	path string
	// file is nil for standard output.
	file *config.PreparedFile
}

// openDestination checks that the token can be saved, before anything is sent. The caller must close it.
func (a *app) openDestination(cfg config.Config, toStdout bool) (*tokenDestination, error) {
	d := &tokenDestination{app: a, path: cfg.TokenFile.Text}
	switch {
	case toStdout:
		return d, nil
	case d.path == "-":
		return nil, wrongUsage(errors.New("the token cannot be saved to standard input: use --print, or --token-file with a file"))
	case d.path == "":
		return nil, wrongUsage(errors.New("there is no home directory to save the token to: use --print, or --token-file with a file"))
	}
	file, err := config.PrepareFile("token file", d.path)
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("%w (%s comes from %s)", err, config.KeyTokenFile, cfg.TokenFile.Origin))
	}
	d.file = file
	return d, nil
}

func (d *tokenDestination) close() {
	d.file.Discard()
}

// put saves a new token, and announces it. If it can't be saved, it is revoked, because nobody else
// has it. Done says how the token was got.
func (d *tokenDestination) put(ctx context.Context, service *tokenService, text, done string) (*result, error) {
	d.app.secrets.err.hide(text)
	token, err := config.ParseToken([]byte(text), "the token from the server")
	if err != nil {
		return nil, noToken(err)
	}
	if d.file == nil {
		d.announce(ctx, service, token, done, "")
		return textResult(token.Reveal() + "\n"), nil
	}
	if err := d.save(token); err != nil {
		return nil, service.revokeUnsaved(ctx, text, err)
	}
	d.announce(ctx, service, token, done, " It is saved in "+config.Presentable(d.path)+".")
	return nil, nil
}

// revokeUnsaved revokes a new token, because an error kept it from being saved, and nobody else has it.
func (s *tokenService) revokeUnsaved(ctx context.Context, text string, err error) error {
	if revokeErr := s.WithToken(text).Revoke(ctx); revokeErr != nil {
		return fmt.Errorf("%w; the new token could not be revoked, either, and stays valid", err)
	}
	return fmt.Errorf("%w; the new token was revoked", err)
}

// save writes the token file, and warns if PUPPET_CODE_TOKEN takes precedence over it.
func (d *tokenDestination) save(token config.Token) error {
	if err := d.file.Save([]byte(token.Reveal())); err != nil {
		return err
	}
	if d.app.sys.env(config.EnvToken) != "" && !d.app.set.Changed(config.KeyTokenFile) {
		d.app.say("Warning: %s is set, and its token is used, not the one in %s. Unset it to use the file.", config.EnvToken, config.Presentable(d.path))
	}
	return nil
}

// announce prints the user of a token, when it expires, and where it is saved.
func (d *tokenDestination) announce(ctx context.Context, service *tokenService, token config.Token, done, where string) {
	info, err := service.check(ctx, token)
	if err != nil {
		d.app.say("%s.%s It is not known when the token expires: %s.", done, where, reasonOf(err))
		return
	}
	d.app.say("%s: the token is %s.%s", done, validUntil(info), where)
}
