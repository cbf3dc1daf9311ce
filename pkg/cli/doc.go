// Package cli is the command line of puppet-code: the Cobra commands, the
// streams, and the one place that prints an error and picks an exit status.
package cli
