package r10k

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// agentProgram is where Puppet's own packages have r10k.
const agentProgram = "/opt/puppetlabs/puppet/bin/r10k"

// ErrMissing says that r10k is not installed, and how to get it.
var ErrMissing = errors.New("r10k is not installed: it is not on the PATH, and there is no " + agentProgram +
	"; on Debian and Ubuntu, install the package r10k")

// Find returns the path of r10k: the one that is given, or the first of those
// on the PATH and of Puppet's own packages.
func Find(given string) (string, error) {
	if given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("%w; on Debian and Ubuntu, install the package r10k", err)
		}
		return filepath.Abs(path)
	}
	for _, candidate := range []string{"r10k", agentProgram} {
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", ErrMissing
}
