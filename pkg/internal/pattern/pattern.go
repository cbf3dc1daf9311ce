// Package pattern has regular expressions that are compiled on first use. The program runs for a
// few milliseconds, and compiling all of them would take more than one.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that compiles expr at its first call. Like [regexp.MustCompile], it panics
// if expr is not a regular expression.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
