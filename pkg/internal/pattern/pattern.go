// Package pattern has regular expressions that cost nothing until they are used. A program that
// lives for a few milliseconds would spend more than one of them on expressions that it never
// uses.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that compiles expr at its first call. It panics, as [regexp.MustCompile]
// does, if expr is no regular expression.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
