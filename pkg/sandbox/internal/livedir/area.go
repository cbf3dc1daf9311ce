// Package livedir keeps a directory of environments that others read while it
// changes: what is new is staged outside of it and swapped in by rename, so
// that nobody meets half an environment.
package livedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Grace is how long a replaced environment is kept out of sight before it is
// deleted: who was listing one of its directories can finish.
const Grace = time.Second

// Area is a live directory and the staging folder beside it.
type Area struct {
	live, stage string
	grace       time.Duration

	mu    sync.Mutex
	trash map[string]*time.Timer
}

// Open makes the live directory and takes the first staging folder from which
// a rename into it works: renames do not cross file systems. What a run that
// was killed left in the staging folder is deleted.
func Open(live string, stages ...string) (*Area, error) {
	// Whoever compiles catalogs must be able to read it.
	if err := os.MkdirAll(live, 0o755); err != nil { //nolint:gosec // see above
		return nil, err
	}
	var errs []error
	for _, stage := range stages {
		area := &Area{live: live, stage: stage, grace: Grace, trash: map[string]*time.Timer{}}
		err := area.prepare()
		if err == nil {
			return area, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("no staging folder for %s: %w", live, errors.Join(errs...))
}

// prepare cleans up the staging folder and tries a rename from it.
func (a *Area) prepare() error {
	if err := os.MkdirAll(a.stage, 0o700); err != nil {
		return err
	}
	if err := a.cleanUp(); err != nil {
		return err
	}
	probe, err := os.MkdirTemp(a.stage, "probe-")
	if err != nil {
		return err
	}
	target := filepath.Join(a.live, "."+filepath.Base(probe))
	if err := os.Rename(probe, target); err != nil {
		return errors.Join(err, os.RemoveAll(a.stage))
	}
	return os.Remove(target)
}

// Live is the directory that holds the environments.
func (a *Area) Live() string { return a.live }

// Path is where an environment is live. The name must be valid.
func (a *Area) Path(name string) string { return filepath.Join(a.live, name) }

// checkName refuses what is not one element of a path. Callers see to better
// names; this is the last thing between a name and the file system.
func checkName(name string) error {
	if !filepath.IsLocal(name) || name != filepath.Base(name) || name == "." {
		return fmt.Errorf("%q cannot be the directory of an environment", name)
	}
	return nil
}

// Staged is an environment in the making.
type Staged struct {
	// Name is the environment, Dir the directory to fill: empty at first, its
	// last element is Name.
	Name, Dir string

	area *Area
	// outer is a folder of this environment's own around Dir.
	outer string
}

// Stage makes an empty directory for an environment, out of sight.
func (a *Area) Stage(name string) (*Staged, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	outer, err := os.MkdirTemp(a.stage, "new-")
	if err != nil {
		return nil, err
	}
	staged := &Staged{Name: name, Dir: filepath.Join(outer, name), area: a, outer: outer}
	if err := os.Mkdir(staged.Dir, 0o755); err != nil { //nolint:gosec // it goes live like this
		return nil, errors.Join(err, staged.Discard())
	}
	return staged, nil
}

// Swap puts the staged environment in the place of what is live.
func (s *Staged) Swap() error {
	live := s.area.Path(s.Name)
	_, err := os.Lstat(live)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.Rename(s.Dir, live)
	case err == nil:
		err = replace(s.Dir, live)
	}
	if err != nil {
		return errors.Join(err, s.Discard())
	}
	// What was live before lies where the new one was staged.
	s.area.discard(s.outer)
	return nil
}

// Discard deletes what is staged. It does no harm after a Swap.
func (s *Staged) Discard() error {
	if s.area.isTrash(s.outer) {
		return nil
	}
	return os.RemoveAll(s.outer)
}

// Remove takes an environment away, if it is there.
func (a *Area) Remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	outer, err := os.MkdirTemp(a.stage, "old-")
	if err != nil {
		return err
	}
	err = os.Rename(a.Path(name), filepath.Join(outer, name))
	a.discard(outer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// discard deletes a staging folder once its grace is over.
func (a *Area) discard(outer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trash[outer] = time.AfterFunc(a.grace, func() {
		_ = os.RemoveAll(outer) // what stays is deleted by Close or the next Open
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.trash, outer)
	})
}

func (a *Area) isTrash(outer string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, found := a.trash[outer]
	return found
}

// Close deletes the staging folder with all that is in it.
func (a *Area) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, timer := range a.trash {
		timer.Stop()
	}
	return os.RemoveAll(a.stage)
}
