package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

// allCommands are a command and all below it.
func allCommands(command *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{command}
	for _, child := range command.Commands() {
		list = append(list, allCommands(child)...)
	}
	return list
}

// withHelp gives every command the same form of help, its options in the order
// in which they were declared, and the same words for an option that is wrong.
func withHelp(root *cobra.Command) {
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd() // adds it
	root.SetUsageFunc(writeUsage)
	root.SetFlagErrorFunc(usage.FlagError)
	for _, command := range allCommands(root) {
		command.Flags().SortFlags = false
		command.InheritedFlags().SortFlags = false
		command.DisableFlagsInUseLine = true
		command.SuggestionsMinimumDistance = 2
	}
}

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [ACTION]",
		Short:   "Show the help of an action",
		Long:    "Help shows the help of an action, as --help does.",
		Example: "  puppet-code help deploy\n  puppet-code help status deploys",
		Args: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("there is no action %q%s", rest[0], usage.DidYouMean(about.SuggestionsFor(rest[0]), ""))
			}
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, _, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
