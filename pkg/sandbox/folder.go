package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/dirlock"
)

// folder is where a sandbox keeps what it makes.
type folder struct {
	root string
	// temporary folders are deleted at the end.
	temporary bool
	// lock keeps other sandboxes out; nobody knows the name of a temporary
	// folder, so that has none.
	lock *dirlock.Lock
	// children is held with the programs that the sandbox starts.
	children *dirlock.Children
}

// orphanPatience is how long a start waits for programs of a run that was
// killed: they must not write where this one cleans up.
const orphanPatience = 10 * time.Second

// openFolder makes the folder, a temporary one where dir is empty.
func openFolder(dir string, log *slog.Logger) (folder, error) {
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
	lock, err := dirlock.Acquire(root)
	if err != nil {
		return folder{}, option("dir", err)
	}
	children, err := dirlock.AwaitChildren(root, orphanPatience)
	if errors.Is(err, dirlock.ErrChildren) && children != nil {
		log.Warn("what they write is deleted by the next start", "error", err)
		err = nil
	}
	if err != nil {
		return folder{}, errors.Join(option("dir", err), lock.Release())
	}
	return folder{root: root, lock: lock, children: children}, nil
}

func (f folder) caCert() string    { return filepath.Join(f.root, "ca.pem") }
func (f folder) caKey() string     { return filepath.Join(f.root, "private", "ca-key.pem") }
func (f folder) token() string     { return filepath.Join(f.root, "token") }
func (f folder) sample() string    { return filepath.Join(f.root, "control-repo.git") }
func (f folder) mirrors() string   { return filepath.Join(f.root, "mirrors") }
func (f folder) r10k() string      { return filepath.Join(f.root, "r10k") }
func (f folder) codedir() string   { return filepath.Join(f.root, "code") }
func (f folder) staging() string   { return filepath.Join(f.root, "staging") }
func (f folder) compilers() string { return filepath.Join(f.root, "compilers") }

// state is where records live on; a temporary folder needs none.
func (f folder) state() string {
	if f.temporary {
		return ""
	}
	return filepath.Join(f.root, "state.json")
}

// leave deletes a temporary folder and lets others use any other.
func (f folder) leave() error {
	if !f.temporary {
		return errors.Join(f.children.Close(), f.lock.Release())
	}
	return os.RemoveAll(f.root)
}

// exists reports whether there is something at path.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
