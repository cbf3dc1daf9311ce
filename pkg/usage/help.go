package usage

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Commands are a command and all below it.
func Commands(command *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{command}
	for _, child := range command.Commands() {
		list = append(list, Commands(child)...)
	}
	return list
}

// Adopt gives a program its help: the same form for every command, options in the order in which they
// were declared, the same words for an option that is wrong, --version everywhere. Help is the
// command of that name, nil for a program without actions.
func Adopt(root, help *cobra.Command) {
	if help != nil {
		root.SetHelpCommand(help)
		root.InitDefaultHelpCmd() // adds it
	}
	root.SetUsageFunc(write)
	root.SetFlagErrorFunc(FlagError)
	for _, command := range Commands(root) {
		command.Flags().SortFlags = false
		command.InheritedFlags().SortFlags = false
		command.DisableFlagsInUseLine = true
		command.SuggestionsMinimumDistance = 2
		command.Version = root.Version
		command.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: root.Name()}
		if command.ValidArgsFunction == nil {
			command.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
}

// write is Cobra's own usage in the words of the documentation, wrapped for a terminal of 80 columns.
// It is no template, for package text/template makes the linker keep everything that it might call: a
// fifth of the program, and of the time that it takes to start.
func write(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n  " + line(cmd))
	if cmd.HasExample() {
		b.WriteString("\n\nExamples:\n" + cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\nActions:")
		writeActions(&b, cmd)
	}
	title := "Options:"
	if cmd.HasAvailableSubCommands() && !cmd.HasParent() {
		title = "Global options, before or after the action:"
	}
	writeOptions(&b, title, cmd.LocalFlags())
	writeOptions(&b, "Global options:", cmd.InheritedFlags())
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\n'" + cmd.CommandPath() + " ACTION --help' says more about an action.")
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String()+"\n")
	return err
}

// writeActions writes the actions by their groups.
func writeActions(b *strings.Builder, cmd *cobra.Command) {
	groups := []string{""}
	for _, group := range cmd.Groups() {
		groups = append(groups, group.ID)
	}
	for _, group := range groups {
		for _, child := range cmd.Commands() {
			if child.GroupID == group && (child.IsAvailableCommand() || child.Name() == "help") {
				fmt.Fprintf(b, "\n  %-*s  %s", child.NamePadding(), child.Name(), child.Short)
			}
		}
	}
}

func line(cmd *cobra.Command) string {
	switch {
	case !cmd.HasParent() && !cmd.HasAvailableSubCommands():
		return cmd.Use
	case !cmd.HasAvailableSubCommands():
		return cmd.Parent().CommandPath() + " " + cmd.Use
	case cmd.HasParent():
		return cmd.CommandPath() + " [OPTIONS] [ACTION]"
	default:
		return cmd.CommandPath() + " [GLOBAL OPTIONS] ACTION [ACTION OPTIONS]"
	}
}

func writeOptions(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		b.WriteString("\n\n" + title + "\n" + strings.TrimRight(flags.FlagUsagesWrapped(80), " \n"))
	}
}
