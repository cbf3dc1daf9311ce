package cli

import "github.com/spf13/cobra"

// usageTemplate is Cobra's own in the words of the documentation: actions and
// options, wrapped for a terminal of 80 columns.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{if .HasParent}}{{.CommandPath}} [OPTIONS] [ACTION]{{else}}{{.CommandPath}} [GLOBAL OPTIONS] ACTION [ACTION OPTIONS]{{end}}{{else}}{{.UseLine}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Actions:{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

{{if .HasParent}}Options:{{else}}Global options, before or after the action:{{end}}
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Global options:
{{.InheritedFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

'{{.CommandPath}} ACTION --help' says more about an action.{{end}}
`

// allCommands are a command and all below it.
func allCommands(command *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{command}
	for _, child := range command.Commands() {
		list = append(list, allCommands(child)...)
	}
	return list
}

// withHelp gives every command the same form of help, its options in the order
// in which they were declared.
func withHelp(root *cobra.Command) {
	root.SetUsageTemplate(usageTemplate)
	for _, command := range allCommands(root) {
		command.Flags().SortFlags = false
		command.InheritedFlags().SortFlags = false
		command.DisableFlagsInUseLine = true
	}
	root.InitDefaultHelpCmd()
	for _, command := range root.Commands() {
		if command.Name() == "help" {
			command.Short = "Show the help of an action"
		}
	}
}
