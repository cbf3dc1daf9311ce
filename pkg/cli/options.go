package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/puppet-code/puppet-code/pkg/usage"
)

// choice is a flag whose value is one of a few words.
type choice struct {
	value string
	words []string
}

// String, Set and Type make it a pflag.Value.
func (c *choice) String() string { return c.value }

// Set ignores case.
func (c *choice) Set(word string) error {
	lower := strings.ToLower(word)
	if !slices.Contains(c.words, lower) {
		if len(c.words) == 1 {
			return fmt.Errorf("must be %s", c.words[0])
		}
		return fmt.Errorf("must be one of %s", strings.Join(c.words, ", "))
	}
	c.value = lower
	return nil
}

// Type is the placeholder for the argument in the help.
func (c *choice) Type() string { return strings.Join(c.words, "|") }

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

func addTimeout(f *pflag.FlagSet, timeout *time.Duration, after string) {
	f.DurationVar(timeout, "timeout", 0, "give up after this `time`, such as 90s or 15m"+after)
}

func addQuiet(f *pflag.FlagSet, a *app) {
	f.BoolVarP(&a.quiet, "quiet", "q", false, "show only the result and errors")
}

// usageProblem returns a usage error for a problem, or for an invalid --timeout.
func usageProblem(cmd *cobra.Command, timeout time.Duration, problem string) error {
	if problem == "" && cmd.Flags().Changed("timeout") && timeout <= 0 {
		problem = "--timeout must be greater than zero, such as 90s or 15m"
	}
	if problem == "" {
		return nil
	}
	return badArguments(cmd, errors.New(problem))
}

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: %s takes no arguments%s", args[0], cmd.CommandPath(), usage.DidYouMean(cmd.SuggestionsFor(args[0]), ""))
	}
	return nil
}
