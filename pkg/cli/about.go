package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [ACTION]",
		Short:   "Show the help of an action",
		Long:    "Show the help of an action, as --help does.",
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
