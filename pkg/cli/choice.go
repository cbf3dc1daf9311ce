package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// choice is a flag whose value is one of a few words.
type choice struct {
	value string
	words []string
	// kind is the placeholder for the argument in the help; if it is empty, the words are.
	kind string
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
func (c *choice) Type() string { return cmp.Or(c.kind, strings.Join(c.words, "|")) }

// count is a number with its noun: 1 environment, 2 environments.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
