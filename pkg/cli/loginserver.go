package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/prompt"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/rbac"
)

// serverSetup is login --server: it finds the addresses and the authority, and saves them.
type serverSetup struct {
	app *app

	server, caURL, fingerprint string
	// terminal is where a person can be asked, nil elsewhere.
	terminal *os.File

	settings config.NewSettings
	// caFile and configFile are nil if they need not be written.
	caFile, configFile *config.PreparedFile
	// authority is the one to save, nil if a known one verifies the server.
	authority *x509.Certificate
}

// addresses checks the options, and sets the addresses that --server stands for.
func (s *serverSetup) addresses() error {
	set := s.app.set
	for _, other := range []string{"insecure", "config-file", "print"} {
		if set.Changed(other) {
			return fmt.Errorf("--server and --%s cannot be used together", other)
		}
	}
	if s.server == "" || strings.ContainsAny(s.server, "/@ ") || strings.Contains(s.server, ":") && net.ParseIP(s.server) == nil {
		return fmt.Errorf("--server needs the name of a host, such as primary.example.com. For another port or path, use --%s and --%s", config.KeyServiceURL, config.KeyRBACURL)
	}
	for key, usual := range map[string]string{
		config.KeyServiceURL: config.UsualServiceURL(s.server),
		config.KeyRBACURL:    config.UsualRBACURL(s.server),
	} {
		if !set.Changed(key) {
			if err := set.Set(key, usual); err != nil {
				return err
			}
		}
	}
	s.caURL = cmp.Or(s.caURL, "https://"+net.JoinHostPort(s.server, "8140")+"/puppet-ca/v1/certificate/ca")
	if address, err := url.Parse(s.caURL); err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil {
		return errors.New("--ca-url must be an https:// address without a user")
	}
	if s.fingerprint == "" && !set.Changed("ca-fingerprint") {
		return nil
	}
	var err error
	s.fingerprint, err = fingerprintOf(s.fingerprint)
	return err
}

// prepare prepares the files. It fails if the user's configuration file has other settings.
func (s *serverSetup) prepare(cfg config.Config) (err error) {
	if s.settings.ServiceURL, err = cfg.Endpoint(); err != nil {
		return wrongUsage(err)
	}
	if s.settings.RBACURL, err = cfg.RBACEndpoint(); err != nil {
		return wrongUsage(err)
	}
	if cfg.CACert.Origin.Layer == config.LayerFlag || cfg.CACert.Origin.Layer == config.LayerEnv {
		if s.settings.CACert, err = filepath.Abs(cfg.CACert.Text); err != nil {
			return wrongUsage(err)
		}
	}
	paths := s.app.sys.Paths
	if paths.UserFile == "" {
		return wrongUsage(errors.New("there is no home directory to save the configuration in"))
	}
	found, lacks := cfg.UserFile(s.settings)
	if len(lacks) > 0 {
		return wrongUsage(fmt.Errorf("the configuration file %s is there, and stays as it is. Add these lines, and run this again:\n  %s",
			paths.UserFile, strings.Join(lacks, ",\n  ")))
	}
	if !found {
		if s.configFile, err = config.PrepareFile("configuration file", paths.UserFile); err != nil {
			return wrongUsage(err)
		}
	}
	if cfg.TrustedFile() == "" {
		s.caFile, err = config.PrepareFile("file of the authority", paths.SavedCACert)
	}
	return wrongUsage(err)
}

func (s *serverSetup) close() {
	s.caFile.Discard()
	s.configFile.Discard()
}

// trust returns the configuration with the authority of the server. An authority that is known
// already is used as it is: whether it verifies the server, check finds out.
func (s *serverSetup) trust(ctx context.Context, cfg config.Config) (config.Config, error) {
	if s.caFile == nil {
		return cfg, s.hasFingerprint(cfg)
	}
	chain, err := s.app.serverCertificates(ctx, s.settings.ServiceURL)
	if err != nil {
		return cfg, err
	}
	if s.fingerprint == "" && systemTrusts(chain) {
		return cfg, nil
	}
	if s.fingerprint == "" && s.terminal == nil {
		return cfg, untrusted(fmt.Errorf("the authority of %s is not known on this machine, and there is no terminal to ask: "+
			"use --ca-fingerprint with the output of this command on the primary: %s", s.server, compareWith))
	}
	candidates, err := s.app.fetchAuthorities(ctx, s.caURL)
	if err != nil {
		return cfg, err
	}
	if s.authority = issuerOf(chain[0], candidates, time.Now()); s.authority == nil {
		return cfg, untrusted(fmt.Errorf("no valid authority from %s has issued the certificate of %s, which is by %s",
			s.caURL, s.settings.ServiceURL, shortName(chain[0].Issuer.String())))
	}
	if err := s.confirm(ctx); err != nil {
		return cfg, err
	}
	path := s.app.sys.Paths.SavedCACert
	s.settings.CACert = path
	return cfg.WithAuthority(s.authority, path), nil
}

// hasFingerprint holds an authority that is known already to --ca-fingerprint.
func (s *serverSetup) hasFingerprint(cfg config.Config) error {
	if s.fingerprint == "" {
		return nil
	}
	known, err := cfg.ReadTrusted()
	if err != nil {
		return wrongUsage(err)
	}
	for _, cert := range known {
		if fingerprint(cert) == s.fingerprint {
			return nil
		}
	}
	return untrusted(fmt.Errorf("no certificate in %s has the fingerprint of --ca-fingerprint", cfg.TrustedFile()))
}

// confirm compares the fingerprint with --ca-fingerprint, or asks a person to compare it.
func (s *serverSetup) confirm(ctx context.Context) error {
	found := fingerprint(s.authority)
	if s.fingerprint == found {
		return nil
	}
	if s.fingerprint != "" {
		return untrusted(fmt.Errorf("the authority from %s has the fingerprint %s, not that of --ca-fingerprint. "+
			"If that one is right, somebody else answers in place of the CA", s.caURL, found))
	}
	s.app.notice("The authority of %s is not known on this machine yet.", s.server)
	s.app.notice("  Subject: %s, valid until %s", shortName(s.authority.Subject.String()), s.authority.NotAfter.UTC().Format(time.DateOnly))
	s.app.notice("  Compare on the primary: `%s`", compareWith)
	s.app.notice("  SHA-256: %s", found)
	answer, err := prompt.Line(ctx, s.terminal, frameStream{s.app.secrets.err}, "Trust it? [y/N] ")
	if err != nil && !errors.Is(err, io.EOF) {
		return cannotAsk("answer", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	default:
		return untrusted(errors.New("the authority is not trusted"))
	}
}

// shortName is a name from a certificate, which may be anybody's.
func shortName(name string) string { return fmt.Sprintf("%.100s", output.CleanLine(name)) }

// check connects to both services, whose certificates are verified, without a token and before a
// password is asked for.
func (s *serverSetup) check(ctx context.Context, cfg config.Config, tokens *tokenService) error {
	client, err := s.app.clientOf(cfg, config.Token{})
	if err != nil {
		return err
	}
	if _, err := client.Status(ctx); err != nil {
		return fromServer(err)
	}
	_, err = tokens.WithToken("").CurrentUser(ctx)
	if refused, ok := errors.AsType[*rbac.APIError](err); ok && refused.Unauthorized() {
		return nil // it asks for a token, as it should
	}
	if err == nil {
		err = errors.New("the token service answers without a token")
	}
	return tokens.failed(callCheck, err)
}

// save writes the authority and the configuration.
func (s *serverSetup) save() error {
	if s.authority != nil {
		if err := s.caFile.Save(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.authority.Raw})); err != nil {
			return err
		}
		s.app.say("The authority is saved in %s.", s.app.sys.Paths.SavedCACert)
	}
	if s.configFile == nil {
		return nil
	}
	text, err := s.settings.File()
	if err == nil {
		err = s.configFile.Save(text)
	}
	if err != nil && s.authority != nil {
		return fmt.Errorf("%w; the authority is saved in %s", err, s.app.sys.Paths.SavedCACert)
	}
	if err == nil {
		s.app.say("The configuration is saved in %s.", s.app.sys.Paths.UserFile)
	}
	return err
}
