package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folder is where a sandbox keeps what it makes.
type folder struct {
	root string
	// temporary folders are deleted at the end.
	temporary bool
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
	return folder{root: root}, nil
}

func (f folder) caCert() string    { return filepath.Join(f.root, "ca.pem") }
func (f folder) caKey() string     { return filepath.Join(f.root, "private", "ca-key.pem") }
func (f folder) token() string     { return filepath.Join(f.root, "token") }
func (f folder) sample() string    { return filepath.Join(f.root, "control-repo.git") }
func (f folder) mirrors() string   { return filepath.Join(f.root, "mirrors") }
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

// remove deletes a temporary folder and leaves any other.
func (f folder) remove() error {
	if !f.temporary {
		return nil
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
