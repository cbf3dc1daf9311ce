package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/config"
	"github.com/puppet-code/puppet-code/pkg/internal/guard"
	"github.com/puppet-code/puppet-code/pkg/internal/prompt"
	"github.com/puppet-code/puppet-code/pkg/output"
	"github.com/puppet-code/puppet-code/pkg/usage"
	"github.com/puppet-code/puppet-code/pkg/version"
)

// Run runs the command line of this process and returns the exit status.
func Run(build version.Info, goos string) int {
	ctx := WithSignals(context.Background()) // first: an earlier signal ends the process by Go's rules
	// net/http logs through package log, including bytes from a server. All output must go through
	// our streams.
	log.SetOutput(io.Discard) //nolint:forbidigo // our code does not log there
	debug.SetGCPercent(200)   // a run is short: half as many collections, for a few MB
	return Main(ctx, os.Args[1:], NewSystem(build, goos))
}

// Main runs one command line and returns the exit status. Only Main prints errors.
func Main(ctx context.Context, args []string, sys System) int {
	out := &watchedWriter{w: sys.Out.Writer}
	a := &app{sys: sys, secrets: secrets{out: &redactor{w: out}, err: &redactor{w: sys.Err.Writer}}}
	a.sys.Out.Writer, a.sys.Err.Writer = a.secrets.out, a.secrets.err
	defer a.secrets.err.flush()
	if err := enoughFiles(); err != nil {
		return exitStatus(a.finish(wrongUsage(err)))
	}
	root := newRootCommand(a)
	if len(args) > 0 && strings.HasPrefix(args[0], completionCommand) {
		completeOptions(root)
	}
	root.SetArgs(actionFirst(root, args))
	root.SetIn(sys.In)
	root.SetErr(a.sys.Err)
	var command *cobra.Command
	err := guard.Call(func() (err error) {
		command, err = root.ExecuteContextC(ctx)
		return err
	})
	switch crash, crashed := errors.AsType[*guard.PanicError](err); {
	case crashed:
		err = a.crashed(crash)
	case out.err != nil:
		err = cannotWrite(out.err) // Cobra's own text: it does not always return the error
	case err != nil && command != nil && !a.running:
		err = badArguments(command, err)
	}
	err = a.finish(err)
	a.secrets.out.flush()
	if err == nil && out.err != nil {
		err = a.finish(cannotWrite(out.err))
	}
	return exitStatus(err)
}

// crashed is the error for a bug in this program. After a deployment was requested, nothing is known
// about it.
func (a *app) crashed(crash *guard.PanicError) error {
	a.logger().Debug("internal error", "stack", string(crash.Stack))
	if a.requested == "" {
		return &exitError{err: crash, status: ExitFailure}
	}
	return &exitError{err: crash, status: ExitUnknown, advice: []string{"The deployment may still be running. To watch it: " + a.requested}}
}

// finish writes the result, and the error or the summary line. The line comes before JSON, because
// scripts that merge both streams take everything from the first [ as the result. It comes after a
// table, so that it stays on the screen after a long table.
func (a *app) finish(err error) error {
	result := a.result
	a.result = nil
	if result == nil {
		a.conclude("", err)
		return err
	}
	if result.json {
		a.conclude(result.done, err)
	}
	failed := cannotWrite(a.writeResult(result))
	switch {
	case failed != nil:
		a.conclude("", failed)
	case !result.json:
		a.conclude(result.done, err)
	}
	return cmp.Or(err, failed)
}

// conclude prints the error or, after a success, the summary line.
func (a *app) conclude(done string, err error) {
	if err != nil {
		a.printError(err)
	} else if done != "" {
		a.say("%s", done)
	}
}

// writeResult writes to standard output. In the log of GitHub Actions, commands for the runner are
// broken up.
func (a *app) writeResult(result *result) error {
	switch {
	case !a.inActions():
		return result.write(a.sys.Out)
	case result.json:
		return result.write(output.ActionsJSON(a.sys.Out))
	}
	var text strings.Builder
	if err := result.write(&text); err != nil {
		return err
	}
	_, err := io.WriteString(a.sys.Out, output.ForActions(text.String()))
	return err
}

// result is the output of a command, and the summary line of a success.
type result struct {
	json  bool
	write func(w io.Writer) error
	done  string
}

func textResult(text string) *result {
	return &result{write: func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}}
}

// runs adapts a function that returns a result and an error to Cobra.
func (a *app) runs(run func(cmd *cobra.Command, args []string) (*result, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		result, err := run(cmd, args)
		a.result = result
		return err
	}
}

// withConfig adapts the run function of a command that takes no arguments and needs the configuration.
func (a *app) withConfig(run func(context.Context, config.Config) (*result, error)) func(*cobra.Command, []string) error {
	return a.runs(func(cmd *cobra.Command, _ []string) (*result, error) {
		cfg, err := a.config()
		if err != nil {
			return nil, err
		}
		return run(cmd.Context(), cfg)
	})
}

// newRootCommand declares the whole command tree. It does no I/O.
func newRootCommand(a *app) *cobra.Command {
	a.flags.logLevel = choice{value: "warn", words: logLevels}
	root := &cobra.Command{
		Use:   "puppet-code",
		Short: "Deploy Puppet code with Code Manager, and wait for the outcome",
		Long: `Deploy Puppet code with Code Manager, the service of Puppet Enterprise that
turns the branches of a control repo into environments, and wait until they are
live on all compilers. The exit status tells the outcome.`,
		Example: `  puppet-code login                     first: get a token
  puppet-code deploy production --wait  deploy, and see the outcome
  puppet-code status deploys            see what is live, and what failed`,
		Version:       a.sys.Build.String(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			a.running = true
			a.set = cmd.Flags()
			a.stdin = a.sys.In
			a.sys.In = prompt.Reader(cmd.Context(), a.sys.In, a.sys.Err, "Paste the token and press Enter. It is not shown.\n")
		},
	}
	addGlobalFlags(root, a)
	root.AddGroup(&cobra.Group{ID: groupActions, Title: "Actions:"}, &cobra.Group{ID: groupProgram, Title: "About the program:"})
	root.AddCommand(newDeployCommand(a, runDeploy), newDryRunCommand(a), newWaitCommand(a), newStatusCommand(a),
		newLoginCommand(a), newTokenCommand(a), newLogoutCommand(a), newPrintConfigCommand(a))
	root.SetOut(a.sys.Out) // Cobra's command for completion takes it now
	describeCompletion(root)
	root.SetHelpCommandGroupID(groupProgram)
	usage.Adopt(root, newHelpCommand())
	return root
}

// Groups of the actions in the help.
const (
	groupActions = "actions"
	groupProgram = "program"
)

func addGlobalFlags(root *cobra.Command, a *app) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.BoolP("help", "h", false, "show this help")
	f.BoolP("version", "V", false, "show the version")
	f.VarP(&a.flags.logLevel, "log-level", "l", "log from this `level` on, to standard error: "+strings.Join(logLevels, ", "))
	f.StringVarP(&a.flags.configFile, "config-file", "c", "", "read only this configuration `file`, not the global and the personal one")
	f.String("cacert", "", "trust the CA certificates in this PEM `file`")
	f.StringP("token-file", "t", "", "read the token from this `file`; - is standard input")
	f.String("service-url", "", "`URL` of Code Manager, such as https://primary.example.com:8170/code-manager")
	f.String("rbac-url", "", "`URL` of the token service, such as https://console.example.com:4433/rbac-api")
	f.BoolVarP(&a.flags.verifyCN, "use-cn-verification", "k", false, "accept a certificate that names the host only in its common name")
	f.UintVar(&a.flags.retries, "retries", 3, "retry this `number` of times if no connection can be made; requests that change nothing also on 502, 503, 504")
	f.BoolVar(&a.flags.insecure, "insecure", false, "do not verify the server's certificate (dangerous)")
	usage.Group(f, "Global options, before or after the action", "help", "version", "log-level")
	usage.Group(f, "Configuration and token", "config-file", "token-file", "service-url", "rbac-url")
	usage.Group(f, "Connection", "cacert", "use-cn-verification", "insecure", "retries")
}
