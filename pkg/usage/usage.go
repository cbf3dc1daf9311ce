// Package usage has the help and the usage errors of both programs.
package usage

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// FlagError replaces Go's error for a wrong option with a readable text. It is for SetFlagErrorFunc
// of a command.
func FlagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() == "" {
		return fmt.Errorf("%w%s", err, DidYouMean(optionsLike(cmd, unknown.GetSpecifiedName()), "--"))
	}
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	must := invalid.Unwrap().Error()
	switch invalid.GetFlag().Value.Type() {
	case "duration":
		must = "must be a number with a unit, such as 90s or 15m"
	case "uint":
		must = "must be a whole number, zero or more"
	case "int", "int64":
		must = "must be a whole number"
	case "bool":
		must = "must be true or false, or left out"
	}
	return fmt.Errorf("invalid argument %q for --%s: %s", invalid.GetValue(), invalid.GetFlag().Name, must)
}

// optionsLike are options with similar names. Cobra suggests only commands.
func optionsLike(cmd *cobra.Command, word string) []string {
	var list []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if Near(word, f.Name) {
			list = append(list, f.Name)
		}
	})
	return list
}

// DidYouMean has the form of Cobra's suggestions, with a prefix before each word. It is "" without
// words.
func DidYouMean(words []string, prefix string) string {
	if len(words) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\nDid you mean this?\n")
	for _, word := range words {
		b.WriteString("\t" + prefix + word + "\n")
	}
	return b.String()
}

// Near reports whether two words are similar.
func Near(word, other string) bool {
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	words.AddCommand(&cobra.Command{Use: other, Run: func(*cobra.Command, []string) {}})
	return len(words.SuggestionsFor(word)) > 0
}
