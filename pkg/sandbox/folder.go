package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"
)

// folder is the folder for the files of a sandbox.
type folder struct {
	root string
	// temporary folders are deleted at the end.
	temporary bool
	// lock keeps other sandboxes out, and ends with the process. A temporary folder needs no lock,
	// because nobody knows its name.
	lock *flock.Flock
}

// openFolder makes the folder, or a temporary one if dir is empty.
func openFolder(dir string) (folder, error) {
	if dir == "" {
		root, err := os.MkdirTemp("", "code-manager-sandbox-")
		if err == nil {
			root, err = filepath.Abs(root) // TMPDIR may be relative
		}
		if err != nil {
			return folder{}, fmt.Errorf("temporary folder: %w", err)
		}
		return folder{root: root, temporary: true}, nil
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, option("dir", err)
	}
	// It contains a token and a key. An existing folder keeps its mode.
	if err := os.MkdirAll(root, 0o700); err != nil {
		return folder{}, option("dir", err)
	}
	lock, err := lockFolder(root)
	return folder{root: root, lock: lock}, option("dir", err)
}

// lockFolder locks a folder for this process, and writes the process id into it.
func lockFolder(root string) (*flock.Flock, error) {
	lock, pidFile := flock.New(filepath.Join(root, "lock")), filepath.Join(root, "pid")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		pid, _ := os.ReadFile(pidFile) // the other process may not have written it yet
		return nil, fmt.Errorf("%s is in use by another sandbox, with process id %s", root, cmp.Or(string(pid), "unknown"))
	}
	return lock, os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())), 0o600)
}

func (f folder) caCert() string   { return filepath.Join(f.root, "ca.pem") }
func (f folder) private() string  { return filepath.Join(f.root, "private") }
func (f folder) caKey() string    { return filepath.Join(f.private(), "ca-key.pem") }
func (f folder) token() string    { return filepath.Join(f.root, "token") }
func (f folder) password() string { return filepath.Join(f.root, "password") }
func (f folder) sample() string   { return filepath.Join(f.root, "control-repo.git") }
func (f folder) git() string      { return filepath.Join(f.root, "git") }
func (f folder) r10k() string     { return filepath.Join(f.root, "r10k") }
func (f folder) codedir() string  { return filepath.Join(f.root, "code") }

// kept is a file for the next run, "" for a temporary folder.
func (f folder) kept(name string) string {
	if f.temporary {
		return ""
	}
	return filepath.Join(f.root, name)
}

// cleanUpPatience is how long to retry deleting files that another program has open, such as a
// virus scanner, an editor or COMMAND's children.
const cleanUpPatience = 5 * time.Second

// leave unlocks the folder, or deletes a temporary one: first the secrets, because the rest may
// take a while or fail.
func (f folder) leave() error {
	if !f.temporary {
		return f.lock.Unlock()
	}
	return errors.Join(f.removeSecrets(), removePatiently(os.RemoveAll, f.root, cleanUpPatience))
}

func (f folder) removeSecrets() error {
	return errors.Join(os.RemoveAll(f.token()), os.RemoveAll(f.password()), os.RemoveAll(f.private()))
}

// removePatiently retries deleting a folder for some time.
func removePatiently(remove func(string) error, path string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 20) {
		err := remove(path)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// exists reports whether path exists.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
