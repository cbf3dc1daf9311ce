package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// choice is a flag that takes one of some words.
type choice struct {
	value string
	words []string
	// kind stands for the argument in the help; the words themselves where it
	// is empty.
	kind string
}

// String, Set and Type make it a pflag.Value.
func (c *choice) String() string { return c.value }

// Set takes a word without regard to case.
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

// Type is what help shows in the place of the argument.
func (c *choice) Type() string { return cmp.Or(c.kind, strings.Join(c.words, "|")) }

// count is a number with its noun: 1 environment, 2 environments.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
