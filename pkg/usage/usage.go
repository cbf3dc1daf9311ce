// Package usage words what is wrong with a command line, for both programs.
package usage

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// FlagError words what is wrong with an option for people who do not know the
// names of Go's functions. It is for SetFlagErrorFunc of a command.
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

// optionsLike are the options of a command that a word may have meant. Cobra
// compares words, but those of commands only.
func optionsLike(cmd *cobra.Command, word string) []string {
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		words.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return words.SuggestionsFor(word)
}

// DidYouMean has the form of Cobra's own suggestions: nothing without words,
// which prefix stands before.
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

// Near reports whether one word may have been meant by another.
func Near(word, other string) bool {
	words := &cobra.Command{SuggestionsMinimumDistance: 2}
	words.AddCommand(&cobra.Command{Use: other, Run: func(*cobra.Command, []string) {}})
	return len(words.SuggestionsFor(word)) > 0
}
