package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	codemanager "github.com/puppet-code/puppet-code/pkg/sandbox/internal/wire"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// describe makes the error object of a deployment that failed. Where the name
// is that of a branch rather than of its environment, it says which is meant.
func (d *deployer) describe(ctx context.Context, environment string, err error) *codemanager.ErrorObject {
	object := &codemanager.ErrorObject{
		Kind: kindDeployFailure,
		Msg:  fmt.Sprintf("Errors while deploying environment '%s' (exit code: %d):\n%s", environment, exitStatus(err), output(err)),
	}
	corrected := codemanager.CorrectedName(environment)
	failure := (*engine.Failure)(nil)
	if !errors.As(err, &failure) || !failure.Missing || corrected == environment {
		return object
	}
	if names, err := d.engine.Environments(ctx); err == nil && slices.Contains(names, corrected) {
		object.Details = rawJSON(map[string]string{"corrected-name": corrected})
	}
	return object
}

// output is an error in the words of the engine, or in the form of them.
func output(err error) string {
	if failure := (*engine.Failure)(nil); errors.As(err, &failure) {
		return failure.Output
	}
	return "ERROR\t -> " + err.Error() + "\n"
}

// exitStatus is that of r10k, or the one it would have.
func exitStatus(err error) int {
	if failure := (*engine.Failure)(nil); errors.As(err, &failure) {
		return failure.Status()
	}
	return 1
}

// shorten keeps a text from a request from flooding the log.
func shorten(text string) string {
	const limit = 200
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
