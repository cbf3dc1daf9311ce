//go:build !unix

package cli

import "github.com/puppet-code/puppet-code/pkg/output"

// suspends does nothing: there is no Ctrl-Z here.
func suspends(*output.LiveView) (end func()) { return func() {} }
