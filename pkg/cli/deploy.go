package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

// deployOptions are the dependencies and the flags of one deployment.
type deployOptions struct {
	app    *app
	client func() (follow.Deployer, error)

	environments []string
	branches     []string
	expect       expectation
	all          bool
	wait         bool
	dryRun       bool
	noModules    bool
	modules      []string
	timeout      time.Duration
	format       format
	summary      string

	// watched is the wait, zero without one.
	watched watch
}

// newDeployCommand declares deploy. Tests pass their own run, to see the parsed options.
func newDeployCommand(a *app, run func(context.Context, *deployOptions) (*result, error)) *cobra.Command {
	opts := &deployOptions{app: a, client: a.deployer, format: newFormat("signature")}
	command := &cobra.Command{
		Use:        "deploy {ENVIRONMENT... | --all} [OPTIONS]",
		Short:      "Deploy environments",
		GroupID:    groupActions,
		SuggestFor: []string{"sync"},
		Long: `Deploy the environments that you name, or all.

Without --wait it ends when they are queued. With --wait it ends when each is
live on all compilers, or has failed. With --expect it succeeds only if the
commit that you pushed is live.`,
		Example: `  puppet-code deploy production --wait
  puppet-code deploy --all --wait
  puppet-code deploy production testing --wait --format table
  puppet-code deploy production --modules ntp,apache --wait
  puppet-code deploy --branch feature/x --expect "$(git rev-parse HEAD)"
  puppet-code deploy --branch feature/x --expect-deleted
  sha=$(puppet-code deploy production -F signature)
  puppet-code deploy --dry-run`,
		ValidArgsFunction: a.completeEnvironments,
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			opts.environments = args
			if err := opts.validate(cmd); err != nil {
				return nil, err
			}
			opts.imply()
			return run(cmd.Context(), opts)
		}),
	}
	f := command.Flags()
	f.SortFlags = false
	f.BoolVar(&opts.all, "all", false, "deploy all environments")
	f.BoolVarP(&opts.wait, "wait", "w", false, "wait until each environment is live on all compilers, or has failed")
	f.BoolVar(&opts.dryRun, "dry-run", false, "only list the environments; implies --all and --wait")
	f.BoolVar(&opts.noModules, "no-modules", false, "do not deploy the modules of the Puppetfile")
	f.StringSliceVar(&opts.modules, "modules", nil, "deploy only the modules `NAME,...`")
	opts.addExpect(f, "; implies --wait")
	opts.addCommon(f, "; the deployment continues; implies --wait")
	usage.Group(f, "Environments and modules", "all", "branch", "modules", "no-modules", "dry-run")
	usage.Group(f, "Waiting", "wait", "expect", "expect-deleted", "timeout")
	usage.Group(f, "Output", "quiet", "format", "summary")
	return command
}

// addExpect adds the options that deploy and wait share.
func (o *deployOptions) addExpect(f *pflag.FlagSet, implied string) {
	f.StringArrayVar(&o.branches, "branch", nil, "the environment of this `branch`, by r10k's rule for names; may be repeated")
	f.StringVar(&o.expect.commit, "expect", "", "succeed only if this `commit` is live on all compilers"+implied)
	f.BoolVar(&o.expect.deleted, "expect-deleted", false, "succeed only if the branch is gone, and the environment with it"+implied)
	f.StringVar(&o.summary, "summary", "", "append a Markdown summary to this `file`; 'none' writes no summary (default in GitHub Actions: the summary of the step)")
}

// addCommon adds the options that deploy, dry-run and wait share. After is appended to the help of
// --timeout.
func (o *deployOptions) addCommon(f *pflag.FlagSet, after string) {
	addTimeout(f, &o.timeout, after)
	addQuiet(f, o.app)
	o.format.add(f)
}

func newDryRunCommand(a *app) *cobra.Command {
	opts := &deployOptions{app: a, client: a.deployer, all: true, wait: true, dryRun: true, format: newFormat()}
	command := &cobra.Command{
		Use:        "dry-run [OPTIONS]",
		Short:      "List the environments that would be deployed",
		GroupID:    groupActions,
		SuggestFor: []string{"list", "ls"},
		Long: `List the environments that would be deployed: Code Manager connects to every
remote of the control repo. Nothing is deployed. It is the same as deploy
--dry-run.`,
		Example: `  puppet-code dry-run
  puppet-code dry-run --format json`,
		Args: noArguments,
		RunE: a.runs(func(cmd *cobra.Command, _ []string) (*result, error) {
			if err := opts.validate(cmd); err != nil {
				return nil, err
			}
			return runDeploy(cmd.Context(), opts)
		}),
	}
	opts.addCommon(command.Flags(), "")
	return command
}

// deployer makes the client on first use.
func (a *app) deployer() (follow.Deployer, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	return waiter{client, client.WithoutRetries()}, nil
}

// waiter is a client without retries for deploys/status: the wait repeats these requests itself.
type waiter struct {
	*codemanager.Client
	looks *codemanager.Client
}

func (w waiter) DeploysStatus(ctx context.Context) (*codemanager.DeploysStatus, error) {
	return w.looks.DeploysStatus(ctx)
}

// validate refuses options that make no valid request.
func (o *deployOptions) validate(cmd *cobra.Command) error {
	var problem string
	switch named := len(o.environments) + len(o.branches); {
	case o.dryRun && o.format.value == formatSignature:
		problem = "a dry run has no signatures: use --format json or table"
	case o.all && named > 0:
		problem = "name environments or use --all, not both"
	case !o.all && !o.dryRun && named == 0:
		problem = "nothing to deploy: name an environment, or use --all"
	case o.noModules && len(o.modules) > 0:
		problem = "--no-modules and --modules cannot be used together"
	case cmd.Flags().Changed("modules") && (len(o.modules) == 0 || hasEmpty(o.modules)):
		problem = "--modules has an empty name"
	}
	return o.validateNames(cmd, problem)
}

// validateNames refuses wrong names of environments, branches and commits, and completes the
// environments by those of the branches. Problem is the mistake in other options, "" without.
func (o *deployOptions) validateNames(cmd *cobra.Command, problem string) error {
	o.expect.given = cmd.Flags().Changed("expect")
	first := cmp.Or(branchProblem(o.branches), o.expect.problem(slices.Concat(o.environments, o.branches), o.all || o.dryRun))
	if first == "" && o.expect.deleted && o.format.value == formatSignature {
		first = "an environment that is gone has no signature: use --format json or table"
	}
	if err := usageProblem(cmd, o.timeout, cmp.Or(first, problem, nameProblem(o.environments))); err != nil {
		return err
	}
	o.environments = uniq(append(o.environments, o.app.branchNames(o.branches)...))
	return usageProblem(cmd, o.timeout, nameProblem(o.environments))
}

// nameProblem is the problem with names of environments, "" if they are valid.
func nameProblem(names []string) string {
	if hasEmpty(names) {
		return "the name of an environment is empty"
	}
	seen := map[string]string{}
	for _, name := range names {
		environment := codemanager.EnvironmentName(name)
		if other, ok := seen[environment]; ok && other != name {
			return other + " and " + name + " are the same environment, " + environment + ": name it once"
		}
		seen[environment] = name
	}
	return ""
}

// uniq removes duplicates.
func uniq(names []string) []string {
	var list []string
	for _, name := range names {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func hasEmpty(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" })
}

// imply sets what other options imply, and prints what --dry-run implies, in the words of the
// original.
func (o *deployOptions) imply() {
	if !o.dryRun {
		o.wait = o.wait || o.timeout > 0 || o.expect.commit != "" || o.expect.deleted || o.format.value == formatSignature
		return
	}
	if !o.all {
		o.app.say("--dry-run implies --all.")
	}
	if !o.wait {
		o.app.say("--dry-run implies --wait.")
	}
	if len(o.environments) > 0 {
		o.app.say("Note: a dry run lists all environments, not %s alone.", names(o.environments))
	}
	o.all, o.wait, o.environments = true, true, nil
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
		req.DeployModules = new(false)
	}
	return req
}
