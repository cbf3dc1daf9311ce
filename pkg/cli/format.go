package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

// format is the flag --format: without it, a table where standard output is a
// terminal, and JSON where it is not.
type format struct{ choice }

// formatSignature prints only the deploy signatures, one on each line.
const formatSignature = "signature"

// newFormat accepts json, table, and more words for some actions.
func newFormat(more ...string) format {
	return format{choice{words: append([]string{"json", "table"}, more...)}}
}

func (f *format) add(flags *pflag.FlagSet) {
	flags.VarP(&f.choice, "format", "F", "format of the result (default table on a terminal, else json)")
}

func (f *format) isJSON(out Stream) bool {
	if f.value == "" {
		return !out.Terminal
	}
	return f.value == "json"
}

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: %s takes no arguments%s", args[0], cmd.CommandPath(), usage.DidYouMean(cmd.SuggestionsFor(args[0]), ""))
	}
	return nil
}
