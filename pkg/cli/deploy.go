package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/output"
)

// deployOptions are one deployment: what it depends on, then its flags.
type deployOptions struct {
	app    *app
	client func() (codemanager.API, error)

	environments []string
	all          bool
	wait         bool
	dryRun       bool
	noModules    bool
	modules      []string
	timeout      time.Duration
	quiet        bool
	format       format
}

// newDeployCommand declares deploy. A test gives its own run, to see the
// options that a command line amounts to.
func newDeployCommand(a *app, run func(context.Context, *deployOptions) error) *cobra.Command {
	opts := &deployOptions{app: a, client: a.deployer, format: newFormat()}
	command := &cobra.Command{
		Use:   "deploy {ENVIRONMENT... | --all} [OPTIONS]",
		Short: "Deploy environments",
		Long: `Deploy asks Code Manager to deploy environments: the branches of the control
repo of these names, or all of them.

Without --wait it ends as soon as they are queued. With --wait it ends when each
of them is live on all compilers, or failed.`,
		Example: `  puppet-code deploy production --wait
  puppet-code deploy --all --wait
  puppet-code deploy production testing --wait --format table
  puppet-code deploy production --modules ntp,apache --wait
  puppet-code deploy --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.environments = args
			if err := opts.validate(cmd); err != nil {
				return err
			}
			opts.imply()
			return run(cmd.Context(), opts)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.BoolVar(&opts.all, "all", false, "deploy all environments")
	f.BoolVarP(&opts.wait, "wait", "w", false, "wait until every environment is deployed on all compilers, or failed")
	f.BoolVar(&opts.dryRun, "dry-run", false, "list the environments, deploy nothing; implies --all and --wait")
	f.BoolVar(&opts.noModules, "no-modules", false, "do not deploy the modules of the Puppetfile")
	f.StringSliceVar(&opts.modules, "modules", nil, "deploy only the modules `NAME,...`")
	opts.addCommon(f, "; the deployment goes on")
	return command
}

// addCommon adds the options that deploy and dry-run share. After says what
// becomes of what was given up.
func (o *deployOptions) addCommon(f *pflag.FlagSet, after string) {
	f.DurationVar(&o.timeout, "timeout", 0, "give up after this `time`, such as 90s or 15m"+after)
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but the result and errors")
	o.format.add(f)
}

func newDryRunCommand(a *app) *cobra.Command {
	opts := &deployOptions{app: a, client: a.deployer, all: true, wait: true, dryRun: true, format: newFormat()}
	command := &cobra.Command{
		Use:   "dry-run [OPTIONS]",
		Short: "List the environments that would be deployed",
		Long: `Dry-run makes Code Manager connect to every remote of the control repo and list
the environments. Nothing is deployed. It is the same as deploy --dry-run.`,
		Example: `  puppet-code dry-run
  puppet-code dry-run --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.validate(cmd); err != nil {
				return err
			}
			return runDeploy(cmd.Context(), opts)
		},
	}
	opts.addCommon(command.Flags(), "")
	return command
}

// deployer makes the client on first use.
func (a *app) deployer() (codemanager.API, error) {
	client, err := a.client(tokenRequired)
	if err != nil {
		return nil, err
	}
	return followed{client, client.Once()}, nil
}

// followed is a client whose looks at deploys/status are repeated by who
// follows, and not retried besides.
type followed struct {
	*codemanager.Client
	once *codemanager.Client
}

func (f followed) DeploysStatus(ctx context.Context) (*codemanager.Snapshot, error) {
	return f.once.DeploysStatus(ctx)
}

// validate refuses what makes no request.
func (o *deployOptions) validate(cmd *cobra.Command) error {
	var problem string
	switch {
	case o.all && len(o.environments) > 0:
		problem = "name environments or give --all, not both"
	case !o.all && !o.dryRun && len(o.environments) == 0:
		problem = "nothing to deploy: name an environment, or give --all"
	case o.noModules && len(o.modules) > 0:
		problem = "--no-modules and --modules exclude each other"
	case cmd.Flags().Changed("modules") && (len(o.modules) == 0 || hasEmpty(o.modules)):
		problem = "--modules has an empty name"
	case hasEmpty(o.environments):
		problem = "the name of an environment is empty"
	case cmd.Flags().Changed("timeout") && o.timeout <= 0:
		problem = "--timeout must be more than nothing, such as 90s or 15m"
	default:
		return nil
	}
	return &usageError{err: errors.New(problem), command: cmd.CommandPath()}
}

func hasEmpty(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" })
}

// imply says what --dry-run brings with it, in the words of the original.
func (o *deployOptions) imply() {
	if !o.dryRun {
		return
	}
	if !o.all {
		o.say("--dry-run implies --all.")
	}
	if !o.wait {
		o.say("--dry-run implies --wait.")
	}
	if len(o.environments) > 0 {
		o.say("Note: a dry run lists all environments, not %s alone.", names(o.environments))
	}
	o.all, o.wait, o.environments = true, true, nil
}

// runDeploy sends the request, and writes the result whatever became of it.
// What there is to say about it comes before a result in JSON: a script that
// merges both streams takes all from the first [ on.
func runDeploy(ctx context.Context, o *deployOptions) error {
	o.app.quiet = o.quiet
	client, err := o.client()
	if err != nil {
		return err
	}
	if o.dryRun {
		o.say("Dry-run deploying all environments.")
	}
	for _, name := range o.environments {
		if corrected := codemanager.CorrectedName(name); corrected != name {
			o.say("Hint: r10k makes the environment %s of a branch %s; if it is not found, deploy %s.",
				corrected, output.CleanLine(name), corrected)
		}
	}
	results := newResults(o)
	defer results.Close()
	if err := o.send(ctx, client, results); err != nil {
		return err
	}
	o.say("Found %d environments.", results.count)
	outcome := results.outcome()
	if outcome != nil && o.format.isJSON(o.app.sys.Out) {
		o.app.notice("Error: %v", outcome)
		outcome = &saidError{outcome}
	}
	if err := results.Write(o.app.sys.Out); err != nil {
		return written(err)
	}
	if outcome == nil && !o.wait && o.app.sys.Err.Terminal {
		o.say("To see what becomes of it: %s", o.followCommand())
	}
	return outcome
}

func (o *deployOptions) request() codemanager.DeployRequest {
	req := codemanager.DeployRequest{
		Environments: o.environments,
		DeployAll:    o.all,
		Wait:         o.wait,
		DryRun:       o.dryRun,
		Modules:      o.modules,
	}
	if o.noModules {
		no := false
		req.DeployModules = &no
	}
	return req
}

// say writes a line for people, unless they asked for quiet.
func (o *deployOptions) say(format string, args ...any) {
	if !o.quiet {
		o.app.notice(format, args...)
	}
}

// written says what could not be written where.
func written(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write the result to standard output: %w", err)
	}
	return nil
}
