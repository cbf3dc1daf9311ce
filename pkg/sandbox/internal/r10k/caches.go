package r10k

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// inUse is a file in a cache that r10k works in. Found at the start, or after
// r10k was stopped, it means that the cache may be half written.
const inUse = "in-use"

// caches are folders for r10k's own caches. Each belongs to one process at a
// time, for two would fight over its locks. Names are never used again: what
// outlives a run that was killed cannot get into the way of the next.
type caches struct {
	dir string

	mu   sync.Mutex
	free []string
}

// openCaches takes over the caches that were left in order and deletes others.
func openCaches(dir string) (*caches, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	c := &caches{dir: dir}
	for _, entry := range found {
		path := filepath.Join(dir, entry.Name())
		if _, err := os.Lstat(filepath.Join(path, inUse)); errors.Is(err, os.ErrNotExist) {
			c.free = append(c.free, path)
			continue
		}
		_ = os.RemoveAll(path) // a process that is about to end may still write; the next start tries again
	}
	return c, nil
}

// take returns a cache for the caller alone, a new one if need be.
func (c *caches) take() (string, error) {
	cache, err := c.next()
	if err != nil {
		return "", err
	}
	return cache, os.WriteFile(filepath.Join(cache, inUse), nil, 0o600)
}

func (c *caches) next() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.free) - 1; last >= 0 {
		cache := c.free[last]
		c.free = c.free[:last]
		return cache, nil
	}
	return os.MkdirTemp(c.dir, "cache-")
}

// give takes a cache back, and deletes it where it is not in order.
func (c *caches) give(cache string, inOrder bool) error {
	if !inOrder {
		return os.RemoveAll(cache)
	}
	if err := os.Remove(filepath.Join(cache, inUse)); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, cache)
	return nil
}
