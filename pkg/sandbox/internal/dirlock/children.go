package dirlock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// childrenFile is the lock of the children in the folder.
const childrenFile = "children"

// ErrChildren says that programs of an earlier run still work in the folder.
var ErrChildren = errors.New("programs of an earlier run are still at work")

// Children is a lock that a sandbox shares with the programs it starts: they
// inherit its open file. So it is free only when the last of them has ended,
// also where the sandbox itself was killed.
type Children struct{ file *os.File }

// AwaitChildren waits until no program of an earlier run works in the folder
// any more. If patience is over before, there is an ErrChildren beside the lock.
func AwaitChildren(dir string, patience time.Duration) (*Children, error) {
	path := filepath.Join(dir, childrenFile)
	file, err := openChildren(path)
	if err != nil {
		return nil, err
	}
	free := make(chan error, 1)
	go func() { free <- lockAlone(file) }()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-free:
		return share(file, err)
	case <-timer.C:
	}
	// Nothing can end the wait for the first file: it is closed when it is over.
	go func() {
		_ = errors.Join(<-free, file.Close()) // nothing was written
	}()
	second, err := openChildren(path)
	if err != nil {
		return nil, err
	}
	children, err := share(second, nil)
	return children, errors.Join(err, ErrChildren)
}

func openChildren(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// share holds the lock together with others.
func share(file *os.File, err error) (*Children, error) {
	if err == nil {
		err = lockShared(file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), file.Close())
	}
	return &Children{file: file}, nil
}

// Inherited are the files that a program must inherit.
func (c *Children) Inherited() []*os.File {
	if c == nil || !inheritable {
		return nil
	}
	return []*os.File{c.file}
}

// Close gives our part of the lock back.
func (c *Children) Close() error { return c.file.Close() }
