// Package r10k deploys with r10k, like Code Manager: it runs the program for every listing and
// every deployment, and reports its output.
package r10k

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

const (
	// fetchTimeout is that of a real server, for a listing.
	fetchTimeout = 30 * time.Second
	// maxListing is how much a listing may print, in bytes: more than a hundred
	// thousand environments.
	maxListing = 16 << 20
	// maxCaches is how many caches are kept for the next deployments.
	maxCaches = 100
)

// Options are the options of the engine. All except Settings are required.
type Options struct {
	// Program is the path of r10k, as Find returns it.
	Program string
	// Config has the sources of environments.
	Config *Config
	// Dir is a folder for the engine alone. Files of an earlier run are deleted.
	Dir string
	// Live is the directory of the environments. r10k never writes there, but its messages show
	// this path.
	Live string
	// Settings are added to the configuration of git.
	Settings []process.Setting
	Log      *slog.Logger
}

// Engine is an engine.Engine that runs r10k. r10k works in a base folder that it keeps between
// deployments, like the staging directory of Code Manager. The result is copied from there.
//
// Each running r10k has a separate cache of Git repositories and Forge modules, because two would
// compete for its locks. The workers of Code Manager have separate caches, too.
type Engine struct {
	options Options
	// base holds the environments, caches the caches.
	base, caches string
	// free has the configurations of unused caches. listing is held during a listing: one at a time
	// is enough.
	free    chan string
	listing chan struct{}
	// gone has the environments in the base folder that the last listing lacked.
	gone sync.Map
	// failed has the environments whose last deployment failed.
	failed  sync.Map
	timeout time.Duration
}

// New makes an engine. It reads and runs nothing yet.
func New(options Options) (*Engine, error) {
	// What runs after a kill may still write: the folder has a new name each time.
	_ = os.RemoveAll(options.Dir)
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, err
	}
	run, err := os.MkdirTemp(options.Dir, "run-")
	if err != nil {
		return nil, err
	}
	e := &Engine{
		options: options, base: filepath.Join(run, "environments"), caches: filepath.Join(run, "caches"),
		free: make(chan string, maxCaches), listing: make(chan struct{}, 1), timeout: fetchTimeout,
	}
	options.Config.deployTo(e.base)
	return e, errors.Join(os.Mkdir(e.base, 0o700), os.Mkdir(e.caches, 0o700), writePrelude(run))
}

// Environments returns the list of `r10k deploy display`.
func (e *Engine) Environments(ctx context.Context) ([]string, error) {
	select {
	case e.listing <- struct{}{}:
		defer func() { <-e.listing }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, e.timeout, fmt.Errorf("r10k listed no environments within %s", e.timeout))
	defer cancel()
	out := &process.Buffer{Limit: maxListing}
	err := e.inCache(func(config string) error {
		return e.run(ctx, out, config, "deploy", "display", "--fetch", "--format", "json")
	})
	if err != nil {
		return nil, err
	}
	return e.listed(out.Bytes())
}

// listed reads a listing. If a branch is gone, its files in the base folder must not be reused when
// the branch comes back.
func (e *Engine) listed(printed []byte) ([]string, error) {
	names, err := parseDisplay(printed)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		e.options.Log.Warn("the control repository has no branches, so there are no environments")
	}
	staged, err := os.ReadDir(e.base)
	for _, entry := range staged {
		if !slices.Contains(names, entry.Name()) {
			e.gone.Store(entry.Name(), nil)
		}
	}
	return names, err
}

// Deploy makes r10k deploy one environment, and copies it to the directory of the request.
func (e *Engine) Deploy(ctx context.Context, request engine.Request) (signature string, err error) {
	staged := filepath.Join(e.base, request.Environment)
	if _, gone := e.gone.LoadAndDelete(request.Environment); gone {
		if err := os.RemoveAll(staged); err != nil {
			return "", err
		}
	}
	_, statErr := os.Lstat(staged)
	if err = e.inCache(func(config string) error { return e.deploy(ctx, config, request) }); err == nil {
		signature, err = outcome(staged)
	}
	// After a failed first deployment, a stopped one, or one without a branch, the next one must
	// start from an empty folder.
	stopped, failure := (*process.StoppedError)(nil), (*engine.Failure)(nil)
	if err != nil && (statErr != nil || errors.As(err, &stopped) || errors.As(err, &failure) && failure.Missing) {
		err = errors.Join(err, os.RemoveAll(staged))
	}
	if err != nil {
		return "", err
	}
	return signature, copyTree(staged, request.Dir)
}

// inCache calls use with the configuration of a cache that nobody else uses meanwhile. A cache in
// which r10k was stopped may be incomplete and is not used again. It stays, because environments
// share its objects.
func (e *Engine) inCache(use func(config string) error) error {
	var config string
	select {
	case config = <-e.free:
	default:
		made, err := e.newCache()
		if err != nil {
			return fmt.Errorf("cache of r10k: %w", err)
		}
		config = made
	}
	err := use(config)
	if stopped := (*process.StoppedError)(nil); !errors.As(err, &stopped) {
		select {
		case e.free <- config:
		default:
		}
	}
	return err
}

// newCache makes a cache and returns its configuration.
func (e *Engine) newCache() (config string, err error) {
	cache, err := os.MkdirTemp(e.caches, "")
	if err != nil {
		return "", err
	}
	text, err := e.options.Config.render(filepath.Join(cache, "git"))
	if err != nil {
		return "", err
	}
	config = filepath.Join(cache, "r10k.yaml")
	return config, os.WriteFile(config, text, 0o600) // remotes may hold passwords
}

// run runs r10k with a configuration. Errors have r10k's texts.
func (e *Engine) run(ctx context.Context, out *process.Buffer, config string, args ...string) error {
	command := process.Command{
		Path: e.options.Program, Args: append(args, "--config", config), Log: e.options.Log,
		Env: prelude(filepath.Dir(e.base)), Settings: e.options.Settings,
	}
	if out != nil {
		command.Stdout = out
	}
	result, err := command.Run(ctx)
	if err != nil || result.Code == 0 {
		return err
	}
	// Messages show the live path instead of the staging path.
	text := strings.ReplaceAll(result.Stderr, e.base, e.options.Live)
	if strings.TrimSpace(text) == "" {
		text = "ERROR\t -> r10k failed without an error message.\n"
	}
	return &engine.Failure{Output: text, ExitCode: result.Code}
}
