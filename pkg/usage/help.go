package usage

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Commands are a command and all its subcommands.
func Commands(command *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{command}
	for _, child := range command.Commands() {
		list = append(list, Commands(child)...)
	}
	return list
}

// Adopt sets up the help of a program: the same form for every command, options in the order of
// their declaration, the same texts for wrong options, and --version everywhere. Help is the help
// command, nil for a program without actions.
func Adopt(root, help *cobra.Command) {
	if help != nil {
		root.SetHelpCommand(help)
		root.InitDefaultHelpCmd() // adds it
	}
	root.SetUsageFunc(write)
	root.SetFlagErrorFunc(FlagError)
	for _, command := range Commands(root) {
		command.Flags().SortFlags = false
		command.DisableFlagsInUseLine = true
		command.SuggestionsMinimumDistance = 2
		command.Version = root.Version
		command.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: root.Name()}
		if command.ValidArgsFunction == nil {
			command.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
}

// write writes the usage, wrapped for a terminal of 80 columns. It is not a template, because
// package text/template makes the linker keep every method that a template might call: a fifth of
// the program and of its start time.
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
	writeGroups(&b, cmd.LocalFlags())
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\n'" + cmd.CommandPath() + " ACTION --help' says more about an action.")
	}
	if cmd.HasAvailableInheritedFlags() {
		b.WriteString("\n\n'" + cmd.Root().Name() + " --help' lists the global options.")
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

const groupAnnotation = "group"

// Group puts options under a heading in the help. Headings are in the order of their first options.
func Group(flags *pflag.FlagSet, title string, names ...string) {
	for _, name := range names {
		if err := flags.SetAnnotation(name, groupAnnotation, []string{title}); err != nil {
			panic(err) // there is no such option
		}
	}
}

// writeGroups writes options by group. Options without a group come last.
func writeGroups(b *strings.Builder, flags *pflag.FlagSet) {
	var titles []string
	groups := map[string]*pflag.FlagSet{}
	rest := pflag.NewFlagSet("", pflag.ContinueOnError)
	rest.SortFlags = false
	flags.VisitAll(func(f *pflag.Flag) {
		group := f.Annotations[groupAnnotation]
		if group == nil {
			rest.AddFlag(f)
			return
		}
		if groups[group[0]] == nil {
			titles = append(titles, group[0])
			groups[group[0]] = pflag.NewFlagSet("", pflag.ContinueOnError)
			groups[group[0]].SortFlags = false
		}
		groups[group[0]].AddFlag(f)
	})
	for _, title := range titles {
		writeOptions(b, title+":", groups[title])
	}
	if titles == nil {
		writeOptions(b, "Options:", rest)
	} else {
		writeOptions(b, "Other options:", rest)
	}
}

func writeOptions(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		b.WriteString("\n\n" + title + "\n" + strings.TrimRight(flags.FlagUsagesWrapped(80), " \n"))
	}
}
