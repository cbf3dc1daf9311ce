package r10k

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// deployFile is what r10k leaves in an environment.
const deployFile = ".r10k-deploy.json"

// commitID is the name of a commit, by SHA-1 or SHA-256.
var commitID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// display is what `r10k deploy display --format json` prints.
type display struct {
	Sources []struct {
		Environments []string `json:"environments"`
	} `json:"sources"`
}

// parseDisplay returns the environments of all sources, sorted.
func parseDisplay(text []byte) ([]string, error) {
	var shown display
	if err := json.Unmarshal(text, &shown); err != nil {
		return nil, fmt.Errorf("the list of environments that r10k printed cannot be read: %w", err)
	}
	names := []string{}
	for _, source := range shown.Sources {
		names = append(names, source.Environments...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// deployInfo is what matters of deployFile.
type deployInfo struct {
	Signature string `json:"signature"`
	Success   bool   `json:"deploy_success"`
}

func readInfo(dir string) (deployInfo, error) {
	var info deployInfo
	text, err := os.ReadFile(filepath.Join(dir, deployFile))
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(text, &info); err != nil {
		return info, fmt.Errorf("%s: %w", deployFile, err)
	}
	return info, nil
}

// outcome is the commit that r10k says it has deployed.
func outcome(dir string) (string, error) {
	info, err := readInfo(dir)
	switch {
	case err != nil:
		return "", fmt.Errorf("r10k has not said what it deployed: %w", err)
	case !info.Success:
		return "", &engine.Failure{Output: "ERROR\t -> r10k did not deploy all of the environment.\n"}
	default:
		return info.Signature, nil
	}
}

// deployedBefore is the commit that r10k has deployed to a directory. There is
// none where nothing is live, or what another engine deployed.
func deployedBefore(dir string) (commit string, known bool) {
	if dir == "" {
		return "", false
	}
	info, err := readInfo(dir)
	return info.Signature, err == nil && commitID.MatchString(info.Signature)
}

// removeRepositories deletes the .git of the environment and of its modules.
func removeRepositories(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != ".git" || path == dir {
			return err
		}
		if err := os.RemoveAll(path); err != nil || !entry.IsDir() { //nolint:gosec // nobody else writes to what is staged
			return err
		}
		return fs.SkipDir
	})
}
