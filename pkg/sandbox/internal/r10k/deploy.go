package r10k

import (
	"context"
	"regexp"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// moduleName is what a module can be called. No other name is in a Puppetfile,
// and none may look like an option.
var moduleName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_/-]*$`)

// deploy deploys an environment with the modules that are asked for. The first
// deployment of an environment includes all of them, whatever the request says.
func (s *session) deploy(ctx context.Context, request engine.Request) error {
	all := !request.Modules.Skip && len(request.Modules.Only) == 0
	before, known := deployedBefore(request.Previous)
	if all || !known {
		return s.deployAll(ctx, request.Environment)
	}
	// The directory is there already: r10k then leaves modules out.
	if _, err := s.run(ctx, "deploy", "environment", request.Environment); err != nil {
		return err
	}
	tracked, err := s.tracked(ctx, request.Dir, before)
	if err != nil {
		s.engine.log.Info("the commit that was live is unknown, so all modules are deployed",
			"environment", request.Environment, "commit", before, "error", err)
		return s.deployAll(ctx, request.Environment)
	}
	if err := carryOver(request.Previous, request.Dir, tracked); err != nil {
		return err
	}
	return s.deployModules(ctx, request)
}

func (s *session) deployAll(ctx context.Context, environment string) error {
	_, err := s.run(ctx, "deploy", "environment", environment, "--puppetfile")
	return err
}

// deployModules deploys the modules that the request names, if any.
func (s *session) deployModules(ctx context.Context, request engine.Request) error {
	if request.Modules.Skip {
		return nil
	}
	args := []string{"deploy", "module", "--environment", request.Environment}
	named := len(args)
	for _, name := range request.Modules.Only {
		if moduleName.MatchString(name) {
			args = append(args, name)
		} else {
			s.engine.log.Info("no module can have this name", "name", name)
		}
	}
	if len(args) == named {
		return nil // r10k without a name would deploy all
	}
	_, err := s.run(ctx, args...)
	return err
}
