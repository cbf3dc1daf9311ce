package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// Main runs one command line and gives the exit status. It is the one place
// that prints an error.
func Main(ctx context.Context, args []string, sys System) int {
	out := &watchedWriter{w: sys.Out.Writer}
	a := &app{sys: sys, secrets: secrets{out: &redactor{w: out}, err: &redactor{w: sys.Err.Writer}}}
	a.sys.Out.Writer, a.sys.Err.Writer = a.secrets.out, a.secrets.err
	defer a.secrets.err.flush()
	root := newRootCommand(a)
	root.SetArgs(actionFirst(root, args))
	root.SetIn(sys.In)
	root.SetOut(a.sys.Out)
	root.SetErr(a.sys.Err)
	command, err := root.ExecuteContextC(ctx)
	a.secrets.out.flush()
	if out.err != nil && (err == nil || !a.running) {
		err = written(out.err) // Cobra does not say so of help
	} else if err != nil && !a.running {
		err = &usageError{err: err, command: command.CommandPath()}
	}
	if err != nil {
		a.printError(err)
	}
	return exitStatus(err)
}

// newRootCommand declares the whole command tree. It does no input or output.
func newRootCommand(a *app) *cobra.Command {
	a.flags.logLevel = choice{value: "warn", words: logLevels, kind: "level"}
	root := &cobra.Command{
		Use:   "puppet-code",
		Short: "Deploy Puppet code with Code Manager, and wait for the outcome",
		Long: `puppet-code asks Code Manager, a service of Puppet Enterprise, to deploy
environments: branches of a control repo. It can wait until each of them is live
on all compilers, and its exit status says what became of them.`,
		Example: `  puppet-code deploy production --wait  deploy one, see the outcome
  puppet-code deploy --all --wait       deploy all environments
  puppet-code dry-run                   list them, deploy nothing
  puppet-code status                    is Code Manager healthy?
  puppet-code print-config              what is configured?`,
		Version:       cmp.Or(a.sys.About, a.sys.Version),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			a.running = true
			a.set = cmd.Flags()
		},
	}
	addGlobalFlags(root, a)
	root.AddCommand(newDeployCommand(a, runDeploy), newDryRunCommand(a), newStatusCommand(a), newPrintConfigCommand(a),
		newCompletionCommand(a))
	withHelp(root)
	withVersion(root)
	withCompletion(root, a)
	return root
}

func addGlobalFlags(root *cobra.Command, a *app) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.BoolP("help", "h", false, "show this help")
	f.BoolP("version", "V", false, "show the version")
	f.VarP(&a.flags.logLevel, "log-level", "l", "log this much on standard error: "+strings.Join(logLevels, ", "))
	f.StringVarP(&a.flags.configFile, "config-file", "c", "", "read this configuration `file` instead of the global and the user's")
	f.StringVar(&a.flags.cacert, "cacert", "", "trust the authorities in this PEM `file`")
	f.StringVarP(&a.flags.tokenFile, "token-file", "t", "", "read the token from this `file`, - for standard input")
	f.StringVar(&a.flags.serviceURL, "service-url", "", "`URL` of Code Manager, such as https://primary.example.com:8170/code-manager")
	f.BoolVarP(&a.flags.verifyCN, "use-cn-verification", "k", false, "accept a host that stands in the certificate's common name only")
	f.IntVar(&a.flags.retries, "retries", 3, "retry up to this `number` of times where no connection can be made, and, unless it deploys, on 502, 503 and 504")
	f.BoolVar(&a.flags.insecure, "insecure", false, "do not check the server's certificate at all (dangerous)")
}

// withVersion lets every action take --version: global options go before or
// after the action. What it prints begins with the display name.
func withVersion(root *cobra.Command) {
	for _, command := range allCommands(root) {
		command.Version = root.Version
		command.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: root.Name()}
	}
}
