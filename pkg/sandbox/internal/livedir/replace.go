package livedir

import (
	"errors"
	"os"
)

// oldSuffix marks an environment on its way out, between the two renames.
const oldSuffix = ".old"

// replace puts the directory staged in the place of live; what was live is
// found in the place of staged afterwards. Where the system can
// exchange two names, this is one step.
func replace(staged, live string) error {
	err := exchange(staged, live)
	if errors.Is(err, errors.ErrUnsupported) {
		return replaceInTwo(staged, live)
	}
	return err
}

// replaceInTwo is two renames, with a moment in which the name is missing but
// never one in which it is half there.
func replaceInTwo(staged, live string) error {
	old := staged + oldSuffix
	if err := os.Rename(live, old); err != nil {
		return err
	}
	if err := os.Rename(staged, live); err != nil {
		return errors.Join(err, os.Rename(old, live))
	}
	// No longer what a crash would have to bring back.
	return os.Rename(old, staged)
}
