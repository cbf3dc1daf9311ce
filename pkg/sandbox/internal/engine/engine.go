// Package engine turns branches of a control repository into environments: it lists the
// environments of the sources, and fills a directory with one of them. It is independent of the
// queue and the HTTP API, and never touches the live directory.
package engine

import (
	"context"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
)

// Engine deploys environments.
type Engine interface {
	// Environments connects to every source, as r10k does for each listing,
	// and returns the names of all environments, sorted. A source that cannot
	// be read is a *Failure.
	Environments(ctx context.Context) ([]string, error)
	// Deploy connects to the sources and puts one environment into the empty
	// directory of the request. It returns the SHA of the deployed commit. An
	// environment that cannot be deployed is a *Failure.
	Deploy(ctx context.Context, request Request) (signature string, err error)
}

// Request is the environment to deploy and the directory for it.
type Request struct {
	// Environment is a name for which ValidName is true.
	Environment string
	// Dir is an empty directory.
	Dir string
	// Modules limits the installed modules of the Puppetfile.
	Modules Modules
}

// Modules says which modules of the Puppetfile a deployment includes. The zero
// value means all of them.
type Modules struct {
	// Skip leaves out all modules: deploy-modules was false.
	Skip bool
	// Only names the modules to install; empty means all.
	Only []string
}

// Failure is a failed listing or deployment, with r10k's texts.
type Failure struct {
	// Output is r10k's output: "ERROR\t -> …\n".
	Output string
	// ExitCode is r10k's exit status. It is 0 if no program ran, which counts as 1.
	ExitCode int
	// Missing means that no source has an environment of this name, so that a live copy must be
	// removed.
	Missing bool
	// Err is the cause, or nil.
	Err error
}

// Error returns the last line of the output, without r10k's prefix.
func (f *Failure) Error() string {
	return strings.TrimSpace(strings.ReplaceAll(f.Output, "ERROR\t -> ", ""))
}

// Status is the exit status to report: r10k's, or 1.
func (f *Failure) Status() int { return max(f.ExitCode, 1) }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Missing is the failure for an environment that no source has.
func Missing(environment string) *Failure {
	return &Failure{
		Output: "ERROR\t -> Environment(s) '" + environment +
			"' cannot be found in any source and will not be deployed.\n",
		Missing: true,
	}
}

// ValidName reports whether name can be an environment: letters, digits and underscores, of a
// length that file systems allow. Any other name must not reach a path or a command line.
func ValidName(name string) bool {
	return name != "" && len(name) <= 255 && codemanager.EnvironmentName(name) == name
}

// Shorten keeps a text from a request from flooding a log or an answer.
func Shorten(text string) string {
	const limit = 200
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
