package r10k

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// deployFile is the report that r10k leaves in an environment.
const deployFile = ".r10k-deploy.json"

// display is the output of `r10k deploy display --format json`.
type display struct {
	Sources []struct {
		Environments []string `json:"environments"`
	} `json:"sources"`
}

// parseDisplay returns the environments of all sources, sorted.
func parseDisplay(text []byte) ([]string, error) {
	var shown display
	if err := json.Unmarshal(text, &shown); err != nil {
		return nil, fmt.Errorf("cannot read the list of environments that r10k printed: %w", err)
	}
	names := []string{}
	for _, source := range shown.Sources {
		names = append(names, source.Environments...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// deployInfo has the relevant keys of deployFile.
type deployInfo struct {
	Signature string `json:"signature"`
	Success   bool   `json:"deploy_success"`
}

// outcome is the commit that r10k reports as deployed.
func outcome(dir string) (string, error) {
	var info deployInfo
	text, err := os.ReadFile(filepath.Join(dir, deployFile))
	if err == nil {
		err = json.Unmarshal(text, &info)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("r10k did not report its deployment: %w", err)
	case !info.Success:
		return "", &engine.Failure{Output: "ERROR\t -> r10k deployed only a part of the environment.\n"}
	default:
		return info.Signature, nil
	}
}
