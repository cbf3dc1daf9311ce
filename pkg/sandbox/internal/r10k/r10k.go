// Package r10k deploys with r10k itself, as Code Manager does: it runs the
// program for every listing and every deployment, and reports what it says.
package r10k

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// fetchTimeout is that of a real server, for a listing.
const fetchTimeout = 30 * time.Second

// Options are what the engine needs. All are required but Inherited.
type Options struct {
	// Program is the path of r10k, as Find returns it.
	Program string
	// Config says where environments come from.
	Config *Config
	// Dir is a folder of the engine's own, for caches and configurations.
	Dir string
	// Live is the directory of the environments. r10k never writes there, but
	// what it says about the place of an environment is about this one.
	Live string
	// Inherited are files that r10k and what it starts keep open. May be nil.
	Inherited []*os.File
	Log       *slog.Logger
}

// Engine is an engine.Engine that runs r10k.
type Engine struct {
	program program
	config  *Config
	live    string
	caches  *caches
	log     *slog.Logger
	// listing is held while r10k lists: one listing at a time needs one cache.
	listing chan struct{}
}

// New makes an engine. What a run that was killed left in its folder is
// deleted; nothing else is run or read yet.
func New(options Options) (*Engine, error) {
	caches, err := openCaches(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("caches of r10k: %w", err)
	}
	return &Engine{
		program: program{path: options.Program, inherited: options.Inherited, log: options.Log},
		config:  options.Config, live: options.Live, caches: caches, log: options.Log,
		listing: make(chan struct{}, 1),
	}, nil
}

// Environments is what `r10k deploy display` lists.
func (e *Engine) Environments(ctx context.Context) (names []string, err error) {
	select {
	case e.listing <- struct{}{}:
		defer func() { <-e.listing }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	err = e.session(e.live, func(s *session) error {
		out, err := s.run(ctx, "deploy", "display", "--fetch", "--format", "json")
		if err == nil {
			names, err = parseDisplay(out)
		}
		return err
	})
	return names, err
}

// Deploy has r10k deploy one environment into the directory of the request.
func (e *Engine) Deploy(ctx context.Context, request engine.Request) (signature string, err error) {
	err = e.session(filepath.Dir(request.Dir), func(s *session) error {
		if err := s.deploy(ctx, request); err != nil {
			return missing(err, request.Environment)
		}
		signature, err = outcome(request.Dir)
		if err != nil {
			return err
		}
		// File sync leaves them behind, too.
		return removeRepositories(request.Dir)
	})
	return signature, err
}

// missing marks the failure for an environment that no source has.
func missing(err error, environment string) error {
	failure := (*engine.Failure)(nil)
	if errors.As(err, &failure) && strings.Contains(failure.Output, engine.Missing(environment).Output) {
		failure.Missing = true
	}
	return err
}

// session is one use of r10k: a cache that nobody else uses meanwhile, and a
// configuration in it.
type session struct {
	engine        *Engine
	basedir       string
	cache, config string
}

// session lends a cache to a function. A cache in which r10k was stopped may be
// half written, and is not used again.
func (e *Engine) session(basedir string, use func(*session) error) error {
	cache, err := e.caches.take()
	if err != nil {
		return fmt.Errorf("cache of r10k: %w", err)
	}
	s := &session{engine: e, basedir: basedir, cache: cache, config: filepath.Join(cache, "r10k.yaml")}
	text, err := e.config.render(filepath.Join(cache, "git"), basedir)
	if err == nil {
		// Remotes may hold passwords.
		err = os.WriteFile(s.config, text, 0o600)
	}
	if err == nil {
		err = use(s)
	}
	stopped := (*stoppedError)(nil)
	return errors.Join(err, e.caches.give(cache, !errors.As(err, &stopped)))
}

// run runs r10k with the session's configuration and returns its standard
// output. What goes wrong is reported in r10k's words.
func (s *session) run(ctx context.Context, args ...string) ([]byte, error) {
	result, err := s.engine.program.run(ctx, append(args, "--config", s.config)...)
	if err != nil {
		return nil, err
	}
	if result.code == 0 {
		return result.stdout, nil
	}
	// Where an environment is staged is nobody's business.
	text := strings.ReplaceAll(result.stderr, s.basedir, s.engine.live)
	if strings.TrimSpace(text) == "" {
		text = "ERROR\t -> r10k said nothing about what went wrong.\n"
	}
	return nil, &engine.Failure{Output: text, ExitCode: result.code}
}
