package sandbox

import (
	"fmt"
	"log/slog"
	"time"
)

// What the zero Options mean.
const (
	DefaultListen       = "127.0.0.1:0"
	DefaultWorkers      = 2
	DefaultCompilers    = 3
	DefaultSyncInterval = 50 * time.Millisecond
	DefaultDeployTTL    = time.Hour
)

// NoCompilers in Options.Compilers starts none.
const NoCompilers = -1

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
	// Codedir is where the primary deploys to, in CODEDIR/environments/NAME.
	// Empty is a folder of the sandbox's own.
	Codedir string
	// Dir keeps everything the sandbox makes. Empty is a temporary folder that
	// Close deletes.
	Dir string
	// TokenFile holds the one token that is accepted. Empty makes one.
	TokenFile string
	// Workers is how many environments deploy at once; 0 is DefaultWorkers.
	Workers int
	// Compilers is how many compilers take over what is deployed; 0 is
	// DefaultCompilers, less than 0 is none.
	Compilers int
	// SyncInterval is how often a compiler checks in; 0 is DefaultSyncInterval.
	SyncInterval time.Duration
	// DeployTTL is how long a deployment is remembered after its end, in the
	// list of failures above all; 0 is DefaultDeployTTL.
	DeployTTL time.Duration
	// DeployDelay makes each deployment last longer.
	DeployDelay time.Duration
	// DropWaitAfter cuts the connection of a request that waits for this long,
	// as an idle proxy does. 0 never does.
	DropWaitAfter time.Duration
	// NoIDs leaves ids out of deploys/status, as old servers do.
	NoIDs bool
	// Logger gets requests and deployments; nil discards them.
	Logger *slog.Logger
	// Now is the server's clock; nil is the time of day.
	Now func() time.Time

	// requestTimeout is how long a client may take to send a request.
	requestTimeout time.Duration
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	fill(&o.Listen, DefaultListen)
	fill(&o.Workers, DefaultWorkers)
	fill(&o.Compilers, DefaultCompilers)
	fill(&o.SyncInterval, DefaultSyncInterval)
	fill(&o.DeployTTL, DefaultDeployTTL)
	fill(&o.requestTimeout, defaultRequestTimeout)
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

// check refuses what makes no sense, whatever is on disk.
func (o Options) check() error {
	if o.Workers < 0 {
		return option("workers", fmt.Errorf("%d: at least one is needed", o.Workers))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"sync-interval", o.SyncInterval},
		{"deploy-ttl", o.DeployTTL},
		{"deploy-delay", o.DeployDelay},
		{"drop-wait-after", o.DropWaitAfter},
	} {
		if d.value < 0 {
			return option(d.name, fmt.Errorf("%s: it must not be negative", d.value))
		}
	}
	return nil
}
