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

// The defaults for zero Options.
const (
	DefaultListen       = "127.0.0.1:0"
	DefaultWorkers      = 2
	DefaultCompilers    = 3
	DefaultSyncInterval = 50 * time.Millisecond
	DefaultDeployTTL    = time.Hour
)

// NoCompilers in Options.Compilers starts no compilers.
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
	// Listen is the address to listen on, HOST:PORT or HOST. Port 0, or no port, picks a free port.
	Listen string
	// RBACListen is the same for the token service. Empty picks a free port of the host of Listen.
	RBACListen string
	// ControlRepo is a Git repository whose branches are the environments: a path, or an address
	// that git can read. Empty makes a sample repository.
	ControlRepo string
	// Head is the branch that the HEAD of ControlRepo, a folder, counts as. CI jobs check out a
	// commit without a branch.
	Head string
	// Engine is EngineGit or EngineR10K; empty is EngineGit.
	Engine string
	// R10KConfig is an r10k.yaml whose sources are used instead of
	// ControlRepo.
	R10KConfig string
	// Codedir is the code directory of the primary: it deploys to CODEDIR/environments/NAME. If it
	// is empty, a folder of the sandbox is used.
	Codedir string
	// Dir is the folder for all files of the sandbox. If it is empty, a temporary folder is used,
	// which Close deletes.
	Dir string
	// TokenFile contains a token that is accepted for everything. If it is empty, a new token is
	// made.
	TokenFile string
	// DenyDeploy refuses all deployments, as if the user had no permission to deploy.
	DenyDeploy bool
	// Workers is how many environments deploy at once; 0 is DefaultWorkers.
	Workers int
	// Compilers is the number of compilers, in addition to the orchestrator; 0 is DefaultCompilers,
	// less than 0 means no compilers and no orchestrator.
	Compilers int
	// SyncInterval is how often a compiler checks in; 0 is DefaultSyncInterval.
	SyncInterval time.Duration
	// DeployTTL is how long a deployment is remembered after its end, mainly in the list of
	// failures; 0 is DefaultDeployTTL.
	DeployTTL time.Duration
	// DeployDelay is a pause in each deployment before the fetch. A commit that is pushed during
	// the pause is deployed.
	DeployDelay time.Duration
	// FetchDelay is a pause in each deployment after the fetch. A commit that is pushed during the
	// pause is not deployed.
	FetchDelay time.Duration
	// DropWaitAfter cuts the connection of a request that waits for this long, like a proxy with an
	// idle timeout. 0 means never.
	DropWaitAfter time.Duration
	// NoIDs leaves ids out of deploys/status, as old servers do.
	NoIDs bool
	// Fail are environments whose deployment fails, with r10k's output. An empty output means a
	// syntax error in the Puppetfile.
	Fail map[string]string
	// StatusCode answers the first StatusCodeRequests requests with this HTTP
	// status, as a proxy would; all requests if that is 0.
	StatusCode, StatusCodeRequests int
	// CompilersDown are the names of compilers that never check in.
	CompilersDown []string
	// ExpireTokensAfter makes all tokens expire this long after the start; 0 means never.
	ExpireTokensAfter time.Duration
	// Logger gets requests and deployments; nil discards them.
	Logger *slog.Logger
	// Now is the server's clock; nil means time.Now.
	Now func() time.Time

	// syncTimeout is how long clients of file sync may take.
	syncTimeout time.Duration
}

// withDefaults replaces zero values with defaults.
func (o Options) withDefaults() Options {
	fill(&o.Listen, DefaultListen)
	fill(&o.Engine, EngineGit)
	fill(&o.Workers, DefaultWorkers)
	fill(&o.Compilers, DefaultCompilers)
	fill(&o.SyncInterval, DefaultSyncInterval)
	fill(&o.DeployTTL, DefaultDeployTTL)
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
		return option("workers", fmt.Errorf("%d: it must be greater than zero", o.Workers))
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
	if o.R10KConfig != "" && o.Engine != EngineR10K {
		return option("r10k-config", errors.New("it needs --engine r10k"))
	}
	if o.Head != "" && o.ControlRepo == "" {
		return option("head", errors.New("it needs --control-repo"))
	}
	if o.R10KConfig != "" && o.ControlRepo != "" {
		return option("r10k-config", errors.New("its sources replace --control-repo: use only one of the two options"))
	}
	return nil
}
