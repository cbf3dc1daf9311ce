package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// environmentCache keeps the names of environments for completion, in a file for each service URL
// that only its user can read.
type environmentCache struct {
	// path is "" if nothing can be cached.
	path string
	url  string
}

// cachedEnvironments is the content of the file.
type cachedEnvironments struct {
	ServiceURL   string   `json:"service-url"`
	Environments []string `json:"environments"`
	// Down is true if the server could not be reached.
	Down bool `json:"down,omitzero"`
}

func newEnvironmentCache(dir, serviceURL string) environmentCache {
	if dir == "" || serviceURL == "" {
		return environmentCache{}
	}
	sum := sha256.Sum256([]byte(serviceURL))
	name := "environments-" + hex.EncodeToString(sum[:8]) + ".json"
	return environmentCache{path: filepath.Join(dir, "puppet-code", name), url: serviceURL}
}

// read returns the names if they are fresh, and an empty list for a server that was just
// unreachable. It ignores a file from the future: somebody has set the clock back.
func (c environmentCache) read(now time.Time) ([]string, bool) {
	if c.path == "" {
		return nil, false
	}
	info, err := os.Stat(c.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, false
	}
	age := now.Sub(info.ModTime())
	if age < 0 || age > completionAge {
		return nil, false
	}
	text, err := os.ReadFile(c.path)
	if err != nil {
		return nil, false
	}
	var kept cachedEnvironments
	if json.Unmarshal(text, &kept) != nil || kept.ServiceURL != c.url || kept.Down && age > completionDownAge {
		return nil, false
	}
	return slices.DeleteFunc(kept.Environments, func(name string) bool { return !isPlainName(name) }), true
}

// write replaces the file in one step: two shells may complete at once.
func (c environmentCache) write(kept cachedEnvironments) error {
	if c.path == "" {
		return nil
	}
	kept.ServiceURL = c.url
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	dir := filepath.Dir(c.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".environments-*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), c.path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
