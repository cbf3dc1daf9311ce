// Package dirlock keeps a folder for one process. The lock belongs to an open
// file, so it ends with the process, however that ends.
package dirlock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fileName is the lock in the folder. It stays there: to delete it would let a
// second process lock another file of the same name.
const fileName = "lock"

// errHeld says that another open file has the lock.
var errHeld = errors.New("the lock is held")

// HeldError is a folder that another process has.
type HeldError struct {
	Dir string
	// PID is the other process; 0 where it has not said.
	PID int
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return e.Dir + " is in use by another sandbox"
	}
	return fmt.Sprintf("%s is in use by another sandbox, with process id %d", e.Dir, e.PID)
}

// Lock is a folder that is ours.
type Lock struct{ file *os.File }

// Acquire locks a folder, or returns a *HeldError.
func Acquire(dir string) (*Lock, error) {
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(file); err != nil {
		held := &HeldError{Dir: dir, PID: readPID(file)}
		_ = file.Close() // nothing was written
		if errors.Is(err, errHeld) {
			return nil, held
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := writePID(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Lock{file: file}, nil
}

// Release unlocks the folder.
func (l *Lock) Release() error { return l.file.Close() }

func readPID(file *os.File) int {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
