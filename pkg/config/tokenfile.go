package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// PreparedFile is a file that will be written, such as a token file. An existing file stays intact until
// Save has written the new one.
type PreparedFile struct {
	// kind is what the file is, for errors.
	kind string
	// path is the configured path, target the file that it points to.
	path, target string
	temporary    *os.File
}

// PrepareFile makes an empty temporary file beside the file, and their folder with mode 0700 if it
// does not exist. So a folder that can't be written to is found before a password is sent. Either
// Save or Discard must follow. Kind is the name of the file in errors: "token file".
//
// A symbolic link is followed, and stays: people link their token to another disk.
func PrepareFile(kind, path string) (*PreparedFile, error) {
	f := &PreparedFile{kind: kind, path: path}
	var err error
	if f.target, err = targetOf(path); err != nil {
		return nil, f.unwritable(err)
	}
	if err := os.MkdirAll(filepath.Dir(f.target), 0o700); err != nil {
		return nil, f.unwritable(err)
	}
	if f.temporary, err = os.CreateTemp(filepath.Dir(f.target), ".new-*"); err != nil { // with mode 0600
		return nil, f.unwritable(err)
	}
	return f, nil
}

// Save writes the file and moves it to its path. If it fails, an existing file stays unchanged.
func (f *PreparedFile) Save(text []byte) error {
	_, err := f.temporary.Write(text)
	if err == nil {
		err = f.temporary.Sync()
	}
	err = errors.Join(err, f.temporary.Close())
	if err == nil {
		err = rename.To(f.temporary.Name(), f.target)
	}
	if err != nil {
		f.Discard()
		return f.unwritable(err)
	}
	return nil
}

// Discard removes the temporary file. After Save it does nothing. A nil file has none.
func (f *PreparedFile) Discard() {
	if f != nil {
		_ = f.temporary.Close()           // it may be closed
		_ = os.Remove(f.temporary.Name()) // it may be renamed
	}
}

func (f *PreparedFile) unwritable(err error) error {
	return fmt.Errorf("cannot write the %s %s: %w", f.kind, Presentable(f.path), textfile.WithoutPath(err))
}

// RemoveTokenFile deletes the file of a token. If it is a symbolic link, the link stays and its
// target is deleted. It reports whether there was a file.
func RemoveTokenFile(path string) (removed bool, err error) {
	target, err := targetOf(path)
	if err == nil {
		err = os.Remove(target)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("cannot delete the token file %s: %w", Presentable(path), textfile.WithoutPath(err))
	}
	return err == nil, nil
}

// targetOf returns the file that a path points to, which need not exist. It refuses a folder and a
// device such as /dev/null, which would be replaced.
func targetOf(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target, nil
	}
	link, err := os.Readlink(path) // to a file that does not exist yet
	switch {
	case err != nil:
		return path, nil //nolint:nilerr // no link
	case filepath.IsAbs(link):
		return link, nil
	default:
		return filepath.Join(filepath.Dir(path), link), nil
	}
}
