package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [ACTION]",
		Short:   "Show the help of an action",
		Long:    "Help shows the help of an action, as --help does.",
		Example: "  puppet-code help deploy\n  puppet-code help status deploys",
		GroupID: groupProgram,
		Args: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("there is no action %q%s", rest[0], usage.DidYouMean(about.SuggestionsFor(rest[0]), ""))
			}
			return err
		},
		ValidArgsFunction: completeActions,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, _, _ := cmd.Root().Find(args) // Args has checked it
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// completeActions offers the subcommands of the given actions.
func completeActions(cmd *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	about, rest, err := cmd.Root().Find(given)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, child := range about.Commands() {
		if child.IsAvailableCommand() {
			names = append(names, child.Name()+"\t"+child.Short)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

var completionShells = []string{"bash", "zsh", "fish", "powershell"}

// newCompletionCommand replaces Cobra's completion command, which has a long subcommand for each
// shell.
func newCompletionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "completion {bash | zsh | fish | powershell}",
		Short:   "Print the completion script of a shell",
		GroupID: groupProgram,
		Long: `Completion prints a completion script for your shell. It completes actions,
options, files, and the environments that Code Manager knows. The packages
install it. Without them, load it when your shell starts, as below.`,
		Example: `  # ~/.bashrc, with the package bash-completion
  source <(puppet-code completion bash)

  # ~/.zshrc, after compinit
  source <(puppet-code completion zsh)

  # ~/.config/fish/config.fish
  puppet-code completion fish | source

  # $PROFILE of PowerShell
  puppet-code completion powershell | Out-String | Invoke-Expression`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(completionShells, args[0]) {
				return errors.New("name one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(given) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completionShells, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: a.runs(func(cmd *cobra.Command, args []string) (*result, error) {
			return &result{own: true, write: func(w io.Writer) error { return writeCompletion(w, cmd.Root(), args[0]) }}, nil
		}),
	}
}

func writeCompletion(out io.Writer, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(out, true)
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	default:
		return root.GenPowerShellCompletionWithDesc(out)
	}
}
