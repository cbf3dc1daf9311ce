package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeUsage is Cobra's own usage in the words of the documentation: actions,
// those about the program itself last, and options, wrapped for a terminal of
// 80 columns. It is no template, for
// package text/template makes the linker keep everything that it might call:
// a fifth of the program, and of the time that it takes to start.
func writeUsage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n  " + usageLine(cmd))
	if cmd.HasExample() {
		b.WriteString("\n\nExamples:\n" + cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\nActions:")
		writeActions(&b, cmd, func(child *cobra.Command) bool { return child.IsAvailableCommand() && child.Name() != "completion" })
		writeActions(&b, cmd, func(child *cobra.Command) bool { return child.Name() == "completion" || child.Name() == "help" })
	}
	title := "Global options, before or after the action:"
	if cmd.HasParent() {
		title = "Options:"
	}
	writeOptions(&b, title, cmd.LocalFlags())
	writeOptions(&b, "Global options:", cmd.InheritedFlags())
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\n'" + cmd.CommandPath() + " ACTION --help' says more about an action.")
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String()+"\n")
	return err
}

func writeActions(b *strings.Builder, cmd *cobra.Command, which func(*cobra.Command) bool) {
	for _, child := range cmd.Commands() {
		if which(child) {
			fmt.Fprintf(b, "\n  %-*s  %s", child.NamePadding(), child.Name(), child.Short)
		}
	}
}

func usageLine(cmd *cobra.Command) string {
	switch {
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
