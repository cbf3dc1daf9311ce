package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

// actionFirst moves options from before the action to after it, including the action's own options.
// Scripts for the original client use `puppet-code -w deploy production`. Cobra does not know -w at
// that point, and would take the next word for its value.
func actionFirst(root *cobra.Command, args []string) []string {
	if last := len(args) - 1; last > 0 && strings.HasPrefix(args[0], completionCommand) {
		begun := append([]string{args[0]}, actionFirst(root, args[1:last])...)
		return append(begun, args[last])
	}
	options := pflag.NewFlagSet("", pflag.ContinueOnError) // an option has the same form in all actions
	for _, command := range usage.Commands(root) {
		options.AddFlagSet(command.Flags())
		options.AddFlagSet(command.PersistentFlags())
	}
	action, rest, command := []string{}, []string{}, root
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch child := childOf(command, arg); {
		case child != nil:
			action, command = append(action, arg), child
		case len(arg) > 1 && arg[0] == '-' && arg != "--":
			rest = append(rest, arg)
			if takesNext(options, arg) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		default:
			return append(append(action, rest...), args[i:]...)
		}
	}
	return append(action, rest...)
}

func childOf(command *cobra.Command, name string) *cobra.Command {
	for _, child := range command.Commands() {
		if child.Name() == name {
			return child
		}
	}
	return nil
}

// takesNext reports whether the value of an option is the next argument.
func takesNext(options *pflag.FlagSet, arg string) bool {
	if name, long := strings.CutPrefix(arg, "--"); long {
		return takesValue(options.Lookup(name))
	}
	for i := 1; i < len(arg); i++ { // by bytes: pflag has no letters beyond ASCII
		if takesValue(options.ShorthandLookup(arg[i : i+1])) {
			return i == len(arg)-1 // else the rest of it is the value
		}
	}
	return false
}

func takesValue(option *pflag.Flag) bool { return option != nil && option.NoOptDefVal == "" }
