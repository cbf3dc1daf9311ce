package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// The values that the zero Options stand for.
const (
	DefaultListen       = "127.0.0.1:0"
	DefaultWorkers      = 2
	DefaultCompilers    = 3
	DefaultSyncInterval = 50 * time.Millisecond
	DefaultDeployTTL    = time.Hour
)

// NoCompilers in Options.Compilers starts none.
const NoCompilers = -1

// The engines that a sandbox can deploy with.
const (
	// EngineGit reads repositories with git, and installs no modules. Without
	// git on the machine it deploys the sample.
	EngineGit = "git"
	// EngineR10K runs r10k, as Code Manager does.
	EngineR10K = "r10k"
)

// Options are the settings of a sandbox. The zero value is a sandbox on a free
// port of 127.0.0.1 with a sample control repository, all in a temporary
// folder.
type Options struct {
	// Listen is the address to listen on, HOST:PORT or HOST. Port 0, or none,
	// is a free one.
	Listen string
	// ControlRepo is the path or URL of a Git repository whose branches are
	// the environments. Empty makes a sample repository.
	ControlRepo string
	// Engine is EngineGit or EngineR10K; empty is EngineGit.
	Engine string
	// R10K is the path of r10k. Empty takes the one on the PATH, or that of
	// Puppet's packages.
	R10K string
	// R10KConfig is an r10k.yaml whose sources are used instead of
	// ControlRepo.
	R10KConfig string
	// Codedir is where the primary deploys to, in CODEDIR/environments/NAME.
	// Empty is a folder of the sandbox's own.
	Codedir string
	// Dir keeps everything the sandbox makes. Empty is a temporary folder that
	// Close deletes.
	Dir string
	// TokenFile holds a token that is accepted, and allows everything. Empty
	// makes one.
	TokenFile string
	// Tokens is a file with more tokens, each with what it allows. One that is
	// in TokenFile, too, allows what is said here.
	Tokens string
	// Workers is how many environments deploy at once; 0 is DefaultWorkers.
	Workers int
	// Compilers is how many compilers take over what is deployed, beside the
	// orchestrator; 0 is DefaultCompilers, less than 0 is none and no orchestrator.
	Compilers int
	// SyncInterval is how often a compiler checks in; 0 is DefaultSyncInterval.
	SyncInterval time.Duration
	// DeployTTL is how long a deployment is remembered after its end, in the
	// list of failures above all; 0 is DefaultDeployTTL.
	DeployTTL time.Duration
	// DeployDelay makes each deployment last longer: it passes before the branch
	// is fetched, so that a commit that is pushed meanwhile is deployed.
	DeployDelay time.Duration
	// FetchDelay passes after the branch was fetched and before it is live: a
	// commit that is pushed meanwhile is not in it.
	FetchDelay time.Duration
	// DropWaitAfter cuts the connection of a request that waits for this long,
	// as an idle proxy does. 0 never does.
	DropWaitAfter time.Duration
	// NoIDs leaves ids out of deploys/status, as old servers do.
	NoIDs bool
	// OldDetails calls the corrected name in the details of a failure
	// corrected-env-name, as old servers do.
	OldDetails bool
	// Fail are environments whose deployment fails, with what r10k says then.
	// Empty is a Puppetfile with a syntax error.
	Fail map[string]string
	// StatusCode answers the first StatusCodeRequests requests with this HTTP
	// status, as a proxy would; all requests if that is 0.
	StatusCode, StatusCodeRequests int
	// CompilersDown are the names of compilers that never check in.
	CompilersDown []string
	// ExpireTokensAfter ends all tokens this long after the start; 0 does not.
	ExpireTokensAfter time.Duration
	// Logger gets requests and deployments; nil discards them.
	Logger *slog.Logger
	// Now is the server's clock; nil is the time of day.
	Now func() time.Time

	// headerTimeout, requestTimeout and answerTimeout are how long a client may
	// take for the handshake and the headers, for a whole request, and to read
	// an answer. syncTimeout is how long clients of file sync may take.
	headerTimeout, requestTimeout, answerTimeout, syncTimeout time.Duration
}

// withDefaults replaces zero values with defaults.
func (o Options) withDefaults() Options {
	fill(&o.Listen, DefaultListen)
	fill(&o.Engine, EngineGit)
	fill(&o.Workers, DefaultWorkers)
	fill(&o.Compilers, DefaultCompilers)
	fill(&o.SyncInterval, DefaultSyncInterval)
	fill(&o.DeployTTL, DefaultDeployTTL)
	fill(&o.headerTimeout, defaultHeaderTimeout)
	fill(&o.requestTimeout, defaultRequestTimeout)
	fill(&o.answerTimeout, defaultAnswerTimeout)
	fill(&o.syncTimeout, defaultSyncTimeout)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func fill[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

// check refuses invalid options, without reading the disk.
func (o Options) check() error {
	if o.Workers < 0 {
		return option("workers", fmt.Errorf("%d: it must be 1 or more", o.Workers))
	}
	if err := errors.Join(o.checkEngine(), o.checkFaults()); err != nil {
		return err
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"sync-interval", o.SyncInterval},
		{"deploy-ttl", o.DeployTTL},
		{"deploy-delay", o.DeployDelay},
		{"fetch-delay", o.FetchDelay},
		{"expire-tokens-after", o.ExpireTokensAfter},
		{"drop-wait-after", o.DropWaitAfter},
	} {
		if d.value < 0 {
			return option(d.name, fmt.Errorf("%s: it must not be negative", d.value))
		}
	}
	return nil
}

// checkFaults refuses faults that can never happen.
func (o Options) checkFaults() error {
	if o.StatusCode != 0 && (o.StatusCode < 400 || o.StatusCode > 599) {
		return option("status-code", fmt.Errorf("%d: use an error status, from 400 to 599", o.StatusCode))
	}
	names := clientNames(o.Compilers)
	for _, name := range o.CompilersDown {
		if !slices.Contains(names, name) {
			return option("compiler-down", fmt.Errorf("%q: there is no such compiler; the compilers are %s", name, cmp.Or(strings.Join(names, ", "), "none")))
		}
	}
	for name := range o.Fail {
		if !engine.ValidName(name) {
			return option("fail", fmt.Errorf("%q is not the name of an environment: use letters, digits and underscores", name))
		}
	}
	return nil
}

// clientNames are the clients of file sync: compilers, and the orchestrator of
// the primary.
func clientNames(compilers int) []string {
	var names []string
	for number := range max(compilers, 0) {
		names = append(names, fmt.Sprintf("compiler%d.sandbox.localdomain", number+1))
	}
	if len(names) > 0 {
		names = append(names, "primary.sandbox.localdomain-orchestrator")
	}
	return names
}

// checkEngine refuses options that have no effect.
func (o Options) checkEngine() error {
	if o.Engine != EngineGit && o.Engine != EngineR10K {
		return option("engine", fmt.Errorf("%q: use %s or %s", o.Engine, EngineGit, EngineR10K))
	}
	for name, value := range map[string]string{"r10k": o.R10K, "r10k-config": o.R10KConfig} {
		if value != "" && o.Engine != EngineR10K {
			return option(name, errors.New("it needs --engine r10k"))
		}
	}
	if o.R10KConfig != "" && o.ControlRepo != "" {
		return option("r10k-config", errors.New("its sources replace --control-repo: use only one of the two options"))
	}
	return nil
}
