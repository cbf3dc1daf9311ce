package livedir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cleanUp deletes what a run that was killed has staged. An environment that it
// left between the two renames of a replacement is brought back first.
func (a *Area) cleanUp() error {
	outers, err := os.ReadDir(a.stage)
	if err != nil {
		return err
	}
	for _, outer := range outers {
		path := filepath.Join(a.stage, outer.Name())
		if err := a.bringBack(path); err != nil {
			return err
		}
		// A process of that run may write there until it notices. New folders
		// have new names, so what cannot be deleted now does no harm.
		_ = os.RemoveAll(path)
	}
	return nil
}

// bringBack looks for an environment that is live nowhere any more.
func (a *Area) bringBack(outer string) error {
	entries, err := os.ReadDir(outer)
	if err != nil {
		return nil //nolint:nilerr // no folder: nothing was staged in it
	}
	for _, entry := range entries {
		name, found := strings.CutSuffix(entry.Name(), oldSuffix)
		if !found {
			continue
		}
		if _, err := os.Lstat(a.Path(name)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Rename(filepath.Join(outer, entry.Name()), a.Path(name)); err != nil {
			return err
		}
	}
	return nil
}
