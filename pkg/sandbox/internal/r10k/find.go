package r10k

import (
	"errors"
	"os/exec"
	"path/filepath"
)

// agentProgram is the path of r10k in Puppet's own packages.
const agentProgram = "/opt/puppetlabs/puppet/bin/r10k"

// ErrMissing means that r10k is not installed, and says how to install it.
var ErrMissing = errors.New("r10k is not installed: it is not on the PATH, and there is no " + agentProgram +
	"; on Debian and Ubuntu, install the package r10k")

// Find returns the path of r10k: the one on the PATH, else that of Puppet's own packages.
func Find() (string, error) {
	for _, candidate := range []string{"r10k", agentProgram} {
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", ErrMissing
}
