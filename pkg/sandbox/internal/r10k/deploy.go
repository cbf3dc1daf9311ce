package r10k

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// moduleName matches valid names of modules. A Puppetfile has no others, and no name may look like
// an option.
var moduleName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_/-]*$`)

// deploy makes r10k deploy an environment to the base folder, with the requested modules. If the
// environment does not exist yet, r10k always includes all modules.
func (e *Engine) deploy(ctx context.Context, config string, request engine.Request) error {
	args := []string{"deploy", "environment", request.Environment}
	if !request.Modules.Skip && len(request.Modules.Only) == 0 {
		args = append(args, "--modules")
		// r10k takes a module as unchanged if the last Puppetfile has the same version, even if
		// that version could not be fetched.
		if _, failed := e.failed.LoadAndDelete(request.Environment); !failed {
			args = append(args, "--incremental")
		}
	}
	err := e.run(ctx, nil, config, args...)
	if err == nil {
		err = e.deployModules(ctx, config, request)
	}
	if err != nil {
		e.failed.Store(request.Environment, nil)
	}
	return missing(err, request.Environment)
}

// deployModules deploys the modules that the request names, if any.
func (e *Engine) deployModules(ctx context.Context, config string, request engine.Request) error {
	if request.Modules.Skip {
		return nil
	}
	args := []string{"deploy", "module", "--environment", request.Environment}
	named := len(args)
	for _, name := range request.Modules.Only {
		if moduleName.MatchString(name) {
			args = append(args, name)
		} else {
			e.options.Log.Info("no module can have this name", "name", name)
		}
	}
	if len(args) == named {
		return nil // r10k without a name would deploy all
	}
	return e.run(ctx, nil, config, args...)
}

// missing marks the failure for an environment that no source has.
func missing(err error, environment string) error {
	failure := (*engine.Failure)(nil)
	if errors.As(err, &failure) && strings.Contains(failure.Output, engine.Missing(environment).Output) {
		failure.Missing = true
	}
	return err
}
