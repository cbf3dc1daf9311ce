package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/certs"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/service"
)

// app has the dependencies of every command. Making it does no I/O: the commands that need the
// configuration and the token read them.
type app struct {
	sys System
	// stdin is standard input as it is: sys.In asks for a token at a terminal.
	stdin io.Reader
	flags globalFlags
	// set has the flags of the command line, to distinguish given values from defaults.
	set *pflag.FlagSet
	// running is true once the command line is parsed: earlier errors are usage errors.
	running bool
	// quiet is --quiet: only the result and errors are written.
	quiet bool
	// requested is the command to watch the requested deployment, "" before the request is sent.
	requested string
	// warned is true if the warnings of the configuration were printed.
	warned bool
	// secrets removes the token from all output.
	secrets secrets
	// result is written when the command ends.
	result *result
	// view owns standard error while a wait is shown, and is nil otherwise.
	view output.View
}

// globalFlags are options that every action takes, before or after it. Those that are settings of the
// configuration are in set.
type globalFlags struct {
	logLevel   choice
	configFile string
	verifyCN   bool
	insecure   bool
	retries    uint
}

func (a *app) logger() *slog.Logger {
	return newLogger(a.sys.Err, levels[a.flags.logLevel.value], a.style(a.sys.Err).Redact)
}

// config reads the configuration. All its errors are usage errors.
func (a *app) config() (config.Config, error) {
	given := map[string]string{}
	for _, key := range []string{config.KeyServiceURL, config.KeyCACert, config.KeyTokenFile, config.KeyRBACURL} {
		if a.set.Changed(key) {
			given[key] = a.set.Lookup(key).Value.String()
		}
	}
	cfg, err := config.Load(config.Sources{
		Flags:      given,
		ConfigFile: a.flags.configFile,
		LookupEnv:  a.sys.LookupEnv,
		Paths:      a.sys.Paths,
		Logger:     a.logger(),
	})
	return cfg, wrongUsage(err)
}

// client makes the client from the configuration. It sends nothing.
func (a *app) client() (*codemanager.Client, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	if _, err := cfg.Endpoint(); err != nil {
		return nil, wrongUsage(err) // before a token is asked for
	}
	token, err := a.token(cfg)
	if err != nil {
		return nil, err
	}
	return a.clientOf(cfg, token)
}

// clientOf makes a client with a token, which may be zero. It sends nothing.
func (a *app) clientOf(cfg config.Config, token config.Token) (*codemanager.Client, error) {
	endpoint, err := cfg.Endpoint()
	if err != nil {
		return nil, wrongUsage(err)
	}
	opts, err := a.serviceOptions(cfg, endpoint, token)
	if err != nil {
		return nil, err
	}
	client, err := codemanager.New(opts)
	return client, wrongUsage(err)
}

// serviceOptions are the options of the client of a service.
func (a *app) serviceOptions(cfg config.Config, endpoint string, token config.Token) (service.Options, error) {
	trust, err := a.trust(cfg, endpoint)
	return service.Options{
		BaseURL:   endpoint,
		Token:     token.Reveal(),
		TLS:       trust,
		LookupEnv: a.sys.LookupEnv,
		UserAgent: "puppet-code/" + a.sys.Build.Version,
		Logger:    a.logger(),
		Retries:   int(min(a.flags.retries, math.MaxInt32)),
		OnRetry:   a.retrying,
	}, err
}

func (a *app) token(cfg config.Config) (config.Token, error) {
	token, origin, err := cfg.ReadToken(a.sys.In)
	if err == nil {
		a.secrets.hide(token.Reveal())
		a.logger().Log(context.Background(), levelTrace, "token read", "from", origin.String()) // too much for debug
	}
	return token, noToken(err)
}

// trust is how the certificate of a server is verified, nil as by default. It prints the warnings of
// the configuration. It fails if the trusted certificates can't be read.
func (a *app) trust(cfg config.Config, endpoint string) (*tls.Config, error) {
	a.warn(cfg)
	if a.flags.insecure {
		a.notice("Warning: --insecure: the server's certificate is not verified, so anyone in between can read tokens and passwords.")
		return &tls.Config{InsecureSkipVerify: true}, nil //nolint:gosec // what --insecure asks for
	}
	address, err := url.Parse(endpoint)
	if err != nil {
		return nil, wrongUsage(err)
	}
	trusted, err := cfg.ReadTrusted()
	if err != nil {
		return nil, wrongUsage(err)
	}
	if trusted == nil && !a.flags.verifyCN {
		return nil, nil
	}
	host, _, _ := strings.Cut(address.Hostname(), "%") // a certificate has no zone of IPv6
	var once sync.Once
	return certs.Verifier{
		Trusted: trusted, File: cfg.TrustedFile(), Host: host, CommonName: a.flags.verifyCN,
		OnCommonName: func(host string) {
			once.Do(func() {
				a.say("Note: the certificate names %s only in its common name, which --use-cn-verification accepts.", host)
			})
		},
	}.Config(), nil
}

// warn prints the warnings of the configuration, once for all clients.
func (a *app) warn(cfg config.Config) {
	if a.warned {
		return
	}
	a.warned = true
	for _, warning := range cfg.Warnings() {
		a.say("Warning: %s.", warning)
	}
}

// retrying prints that a request is sent again.
func (a *app) retrying(retry codemanager.Retry) {
	a.say("No answer yet: %s. Trying again in %.1f s (attempt %d of %d).", reasonOf(retry.Err), retry.Wait.Seconds(), retry.Attempt, retry.Attempts)
}

// say writes a notice, except with --quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		a.notice(format, args...)
	}
}

// notice writes a line for people to standard error, or passes it to the view that owns standard
// error. Each line is a whole sentence, or the text of the original client, and contains no [.
func (a *app) notice(format string, args ...any) {
	line := withoutBrackets(a.style(a.sys.Err).Redact(fmt.Sprintf(format, args...)))
	if a.view != nil {
		a.view.Note(line)
		return
	}
	a.write(line)
}

func (a *app) write(line string) {
	if a.inActions() {
		line = output.ForActions(line)
	}
	_, _ = io.WriteString(a.sys.Err, a.sys.Err.wrap(line+"\n"))
}
