package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
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
	info, err := os.Stat(c.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, false
	}
	text, err := os.ReadFile(c.path)
	var kept cachedEnvironments
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.ServiceURL != c.url {
		return nil, false
	}
	limit := completionAge
	if kept.Down {
		limit = completionDownAge
	}
	age := now.Sub(info.ModTime())
	return kept.Environments, age >= 0 && age <= limit
}

// write replaces the file in one step: two shells may complete at once. If it fails, the server is
// asked again next time.
func (c environmentCache) write(kept cachedEnvironments) {
	if c.path == "" {
		return
	}
	kept.ServiceURL = c.url
	text, err := json.Marshal(kept)
	dir := filepath.Dir(c.path)
	if err != nil || os.MkdirAll(dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(dir, ".environments-*") // with mode 0600
	if err != nil {
		return
	}
	_, err = file.Write(text)
	if errors.Join(err, file.Close()) != nil || os.Rename(file.Name(), c.path) != nil {
		_ = os.Remove(file.Name())
	}
}
