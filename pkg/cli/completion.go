package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/codemanager"
	"github.com/puppet-code/puppet-code/pkg/follow"
	"github.com/puppet-code/puppet-code/pkg/usage"
)

//go:generate go test -run TestCompletionFiles|TestManPages$ -update .

// completionTime limits the wait after pressing TAB.
const completionTime = time.Second

// completionCommand is the prefix of Cobra's hidden commands. Shells call them with the words of
// the command line, the last of which is incomplete.
const completionCommand = "__complete"

// completeOptions completes the values of all options: a choice by its words, a `file` by files, and
// others by nothing. It removes the backquotes from the texts of options. In the help they mark the
// placeholder, but a shell would show them.
func completeOptions(root *cobra.Command) {
	for _, command := range usage.Commands(root) {
		command.LocalFlags().VisitAll(func(f *pflag.Flag) {
			var placeholder string
			placeholder, f.Usage = pflag.UnquoteUsage(f)
			with := cobra.NoFileCompletions
			if c, ok := f.Value.(*choice); ok {
				with = cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
			} else if placeholder == "file" || f.NoOptDefVal != "" {
				return
			}
			if err := command.RegisterFlagCompletionFunc(f.Name, with); err != nil {
				panic(err) // it is declared, and completed once
			}
		})
	}
}

// completeEnvironments offers the environments that the server knows and that are not on the
// command line yet. On any error it offers nothing and prints nothing: a message would appear in
// the middle of the line that the user types.
func (a *app) completeEnvironments(cmd *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
	const none = cobra.ShellCompDirectiveNoFileComp
	for _, excludes := range []string{"all", "dry-run", "id"} {
		if f := cmd.Flags().Lookup(excludes); f != nil && f.Changed {
			return nil, none
		}
	}
	var offered []string
	for _, name := range a.knownEnvironments(cmd) {
		// A shell could interpret other characters than r10k's: letters, digits and underscores.
		plain := name != "" && codemanager.EnvironmentName(name) == name
		if plain && strings.HasPrefix(name, begun) && !slices.Contains(given, name) {
			offered = append(offered, name)
		}
	}
	return offered, none
}

// knownEnvironments asks the server.
func (a *app) knownEnvironments(cmd *cobra.Command) []string {
	silent := &app{sys: a.sys, flags: a.flags, set: cmd.Flags(), secrets: a.secrets}
	silent.sys.In = strings.NewReader("") // --token-file - is for the command itself
	silent.sys.Err = Stream{Writer: io.Discard}
	silent.flags.logLevel.value = "none"
	client, err := silent.client()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	status, err := client.WithoutRetries().DeploysStatus(ctx)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(deployedNames(follow.Read(status, nil)), a.secrets.has)
}

// loadCompletion is how each shell loads its script.
var loadCompletion = []struct{ shell, example string }{
	{"bash", "  # ~/.bashrc, with the package bash-completion\n  source <(puppet-code completion bash)"},
	{"zsh", "  # ~/.zshrc, after compinit\n  source <(puppet-code completion zsh)"},
	{"fish", "  # ~/.config/fish/config.fish\n  puppet-code completion fish | source"},
	{"powershell", "  # $PROFILE of PowerShell\n  puppet-code completion powershell | Out-String | Invoke-Expression"},
}

// describeCompletion puts our words on Cobra's completion command, which has a subcommand for each
// shell.
func describeCompletion(root *cobra.Command) {
	root.CompletionOptions.DisableNoDescFlag = true
	root.SetCompletionCommandGroupID(groupProgram)
	root.InitDefaultCompletionCmd()
	command := find(root, "completion")
	command.Use = "completion {bash | zsh | fish | powershell}"
	command.Short = "Print the completion script of a shell"
	command.Long = `Completion prints a completion script for your shell. It completes actions,
options, files, and the environments that Code Manager knows. The packages
install it. Without them, load it when your shell starts, as below.`
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		return badArguments(cmd, errors.New("name one shell: bash, zsh, fish or powershell"))
	}
	var examples []string
	for _, load := range loadCompletion {
		shell := find(command, load.shell)
		shell.Short = "Print the completion script of " + load.shell
		shell.Long, shell.Example = shell.Short+", to load when it starts.", load.example
		examples = append(examples, load.example)
	}
	command.Example = strings.Join(examples, "\n\n")
}

// find is a command that Cobra has added.
func find(parent *cobra.Command, name string) *cobra.Command {
	command, _, err := parent.Find([]string{name})
	if err != nil {
		panic(err)
	}
	return command
}
