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

// folder is where a sandbox keeps what it makes.
type folder struct {
	root string
	// temporary folders are deleted at the end.
	temporary bool
	// lock keeps other sandboxes out, and ends with the process. Nobody knows the
	// name of a temporary folder, so that has none.
	lock *flock.Flock
}

// openFolder makes the folder, a temporary one where dir is empty.
func openFolder(dir string) (folder, error) {
	if dir == "" {
		root, err := os.MkdirTemp("", "code-manager-sandbox-")
		if err != nil {
			return folder{}, fmt.Errorf("temporary folder: %w", err)
		}
		return folder{root: root, temporary: true}, nil
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, option("dir", err)
	}
	// It holds a token and a key; who made it before decides who may look.
	if err := os.MkdirAll(root, 0o700); err != nil {
		return folder{}, option("dir", err)
	}
	lock, err := lockFolder(root)
	return folder{root: root, lock: lock}, option("dir", err)
}

// lockFolder keeps a folder for this process, and leaves its id there for others.
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
func (f folder) mirrors() string  { return filepath.Join(f.root, "mirrors") }
func (f folder) r10k() string     { return filepath.Join(f.root, "r10k") }
func (f folder) codedir() string  { return filepath.Join(f.root, "code") }
func (f folder) staging() string  { return filepath.Join(f.root, "staging") }

// state is where records live on; a temporary folder needs none.
func (f folder) state() string {
	if f.temporary {
		return ""
	}
	return filepath.Join(f.root, "state.json")
}

// cleanUpPatience is how long a clean-up tries again to delete files that
// somebody holds open: a virus scanner, an editor, COMMAND's own children.
const cleanUpPatience = 5 * time.Second

// leave lets others use the folder, or deletes a temporary one: the secrets
// first, for the rest may take a while or stay.
func (f folder) leave() error {
	if !f.temporary {
		return f.lock.Unlock()
	}
	return errors.Join(f.removeSecrets(), removePatiently(os.RemoveAll, f.root, cleanUpPatience))
}

func (f folder) removeSecrets() error {
	return errors.Join(os.RemoveAll(f.token()), os.RemoveAll(f.password()), os.RemoveAll(f.private()))
}

// removePatiently tries again for some time to delete a folder.
func removePatiently(remove func(string) error, path string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(patience / 20) {
		err := remove(path)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// exists reports whether there is something at path.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
