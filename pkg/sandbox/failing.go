package sandbox

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// failing is an engine that fails for some environments.
type failing struct {
	engine.Engine
	// fail has r10k's output, by environment; see Options.
	fail map[string]string
	live string
}

// Deploy fails, or calls the engine.
func (f failing) Deploy(ctx context.Context, request engine.Request) (string, error) {
	output, fails := f.fail[request.Environment]
	if !fails {
		return f.Engine.Deploy(ctx, request)
	}
	if output == "" {
		puppetfile := filepath.Join(f.live, request.Environment, "Puppetfile")
		output = fmt.Sprintf("ERROR\t -> Failed to evaluate %s\nOriginal exception:\n%s:1: syntax error, unexpected end-of-input\n", puppetfile, puppetfile)
	}
	return "", &engine.Failure{Output: output}
}
