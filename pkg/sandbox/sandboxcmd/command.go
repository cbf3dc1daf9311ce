package sandboxcmd

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/sandbox"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

// runOptions are the values of a command line.
type runOptions struct {
	sandbox sandbox.Options
	// command is the program to run against the sandbox, with its arguments;
	// empty serves until a signal.
	command         []string
	logLevel, shell string
	level           slog.Level
	// envFile gets the variables instead of standard output.
	envFile string
	// fail and statusCode are the texts of options that complete takes apart.
	fail       []string
	statusCode string
}

const longHelp = `A local Code Manager: it answers the HTTP API of Puppet's Code Manager over TLS
and with a token, and deploys the branches of a Git repository for real, on a
primary and on compilers. Without --control-repo it makes a sample repository.

With a COMMAND, it runs COMMAND with the environment variables that puppet-code
reads, and ends with COMMAND's exit status. Without a COMMAND, it prints these
variables, or writes them to --env-file, and serves until it is interrupted.`

const examples = `  # Run one command against a fresh Code Manager
  code-manager-sandbox -- puppet-code deploy production --wait

  # Serve your own control repository; use it from another terminal
  code-manager-sandbox --control-repo ~/repo --env-file sandbox.env
  . ./sandbox.env

  # See how a script copes with a proxy that cuts idle connections
  code-manager-sandbox --deploy-delay 5s --drop-wait-after 2s -- ./ci.sh

  # See how a script copes with an environment that fails
  code-manager-sandbox --fail production -- ./ci.sh`

// newCommand declares the flags and passes their values to run.
func newCommand(streams Streams, version string, run func(runOptions) error) *cobra.Command {
	options := &runOptions{}
	command := &cobra.Command{
		Use:               "code-manager-sandbox [OPTIONS] [-- COMMAND...]",
		Short:             "A local Code Manager for trying and testing",
		Long:              longHelp,
		Example:           examples,
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: func(command *cobra.Command, args []string) error {
			return options.takeCommand(command.ArgsLenAtDash(), args)
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if err := options.complete(command.Flags()); err != nil {
				return &usageError{err}
			}
			return run(*options)
		},
	}
	command.SetIn(streams.In)
	command.SetOut(streams.Out)
	command.SetErr(streams.Err)
	options.declareFlags(command)
	usage.Adopt(command, nil)
	command.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return &usageError{usage.FlagError(c, err)} })
	return command
}

func (o *runOptions) declareFlags(command *cobra.Command) {
	flags := command.Flags()
	// An argument without -- is reported before the flags that follow it.
	flags.SetInterspersed(false)
	flags.BoolP("help", "h", false, "show this help")
	flags.BoolP("version", "V", false, "show the version")
	flags.StringVar(&o.sandbox.ControlRepo, "control-repo", "", "Git `repository` whose branches are the environments: a path, or an address for git (default: a sample)")
	flags.StringVar(&o.sandbox.Head, "head", "", "let the HEAD of --control-repo be the branch of this `name`, for a CI job that has no branch")
	flags.StringVar(&o.sandbox.Engine, "engine", sandbox.EngineGit, "deploy with `git|r10k`; git needs no r10k and installs no modules")
	flags.StringVar(&o.sandbox.R10KConfig, "r10k-config", "", "use the sources of this r10k.yaml `file` instead of --control-repo")
	flags.StringVar(&o.sandbox.Codedir, "codedir", "", "deploy to this `folder`, below environments/NAME (default: a folder of the sandbox)")
	flags.StringVar(&o.sandbox.Dir, "dir", "", "keep everything in this `folder` (default: a temporary folder, deleted at the end)")
	flags.StringVar(&o.sandbox.TokenFile, "token-file", "", "accept the token in this `file` (default: a new token)")
	flags.StringVar(&o.sandbox.Listen, "listen", sandbox.DefaultListen, "listen on `host:port`; port 0 picks a free port")
	flags.StringVar(&o.sandbox.RBACListen, "rbac-listen", "", "listen on `host:port` for the token service (default: a free port)")
	flags.IntVar(&o.sandbox.Workers, "workers", sandbox.DefaultWorkers, "deploy this `number` of environments at once")
	flags.IntVar(&o.sandbox.Compilers, "compilers", sandbox.DefaultCompilers, "sync this `number` of compilers, and the orchestrator, from the primary")
	flags.DurationVar(&o.sandbox.SyncInterval, "sync-interval", sandbox.DefaultSyncInterval, "let each compiler check in at this `time` interval")
	flags.DurationVar(&o.sandbox.DeployTTL, "deploy-ttl", sandbox.DefaultDeployTTL, "keep failures in deploys/status for this `time`")
	flags.Lookup("deploy-ttl").DefValue = "1h"
	flags.DurationVar(&o.sandbox.DeployDelay, "deploy-delay", 0, "pause for this `time` before each deployment, such as 5s")
	flags.DurationVar(&o.sandbox.FetchDelay, "fetch-delay", 0, "pause for this `time` after the fetch: a push during the pause is not deployed")
	flags.DurationVar(&o.sandbox.DropWaitAfter, "drop-wait-after", 0, "cut connections that wait for longer than this `time`, as proxies do")
	flags.StringArrayVar(&o.fail, "fail", nil, "make the deployment of an `environment[=file]` fail, with the file's text as r10k's error")
	flags.StringVar(&o.statusCode, "status-code", "", "answer the first requests with an HTTP status: `code[:number]`, such as 503:3")
	flags.StringSliceVar(&o.sandbox.CompilersDown, "compiler-down", nil, "keep this `host` from checking in, such as compiler1.sandbox.localdomain")
	flags.DurationVar(&o.sandbox.ExpireTokensAfter, "expire-tokens-after", 0, "make all tokens expire after this `time`")
	flags.BoolVar(&o.sandbox.DenyDeploy, "deny-deploy", false, "refuse all deployments, as for a user without permission")
	flags.BoolVar(&o.sandbox.NoIDs, "no-ids", false, "leave ids out of deploys/status, as old servers do")
	flags.StringVar(&o.shell, "shell", defaultShell(runtime.GOOS), "print variables for this shell: `sh|powershell`")
	flags.StringVar(&o.envFile, "env-file", "", "write the variables to this `file` when the sandbox is ready (default: print them)")
	flags.StringVar(&o.logLevel, "log-level", "", "log at this `level`: none, debug, info, warn, error (default: info; error with a COMMAND)")
}

// takeCommand requires a -- before the command, so that a mistyped flag does not become a command.
func (o *runOptions) takeCommand(dash int, args []string) error {
	if dash != 0 && len(args) > 0 {
		return &usageError{fmt.Errorf("unexpected argument %q: to run a command, write -- before it: code-manager-sandbox -- %s", args[0], args[0])}
	}
	if dash == 0 && len(args) == 0 {
		return &usageError{errors.New("no command after --")}
	}
	o.command = args
	return nil
}

// complete checks what the sandbox does not check, and translates values for it, where zero means
// the default.
func (o *runOptions) complete(flags *pflag.FlagSet) error {
	for _, name := range []string{"workers", "sync-interval", "deploy-ttl"} {
		if value := flags.Lookup(name).Value.String(); value == "0" || value == "0s" {
			return fmt.Errorf("--%s: it must be greater than zero", name)
		}
	}
	if o.sandbox.Compilers == 0 {
		o.sandbox.Compilers = sandbox.NoCompilers
	}
	if o.envFile != "" && len(o.command) > 0 {
		return errors.New("--env-file is for a sandbox without a COMMAND, which gets the variables itself")
	}
	if _, known := shells()[o.shell]; !known {
		return fmt.Errorf("--shell %q: use sh or powershell", o.shell)
	}
	if o.logLevel == "" {
		o.logLevel = "info"
		if len(o.command) > 0 {
			o.logLevel = "error"
		}
	}
	level, known := logLevels()[o.logLevel]
	if !known {
		return fmt.Errorf("--log-level %q: use none, debug, info, warn or error", o.logLevel)
	}
	o.level = level
	return o.parseFaults()
}

// parseFaults parses --fail and --status-code.
func (o *runOptions) parseFaults() error {
	for _, text := range o.fail {
		name, file, given := strings.Cut(text, "=")
		var output []byte
		if given {
			var err error
			if output, err = os.ReadFile(file); err != nil {
				return fmt.Errorf("--fail %s: %w", name, err)
			}
		}
		if o.sandbox.Fail == nil {
			o.sandbox.Fail = map[string]string{}
		}
		o.sandbox.Fail[name] = string(output)
	}
	if o.statusCode == "" {
		return nil
	}
	status, number, given := strings.Cut(o.statusCode, ":")
	var err, numberErr error
	o.sandbox.StatusCode, err = strconv.Atoi(status)
	if given {
		o.sandbox.StatusCodeRequests, numberErr = strconv.Atoi(number)
	}
	if err != nil || numberErr != nil || given && o.sandbox.StatusCodeRequests < 1 {
		return fmt.Errorf("--status-code %q: use a status, or a status and a number of requests, such as 503:3", o.statusCode)
	}
	return nil
}

// logLevels are the values of --log-level. "none" is above every level that is logged.
func logLevels() map[string]slog.Level {
	return map[string]slog.Level{
		"none": slog.LevelError + 1, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
}
