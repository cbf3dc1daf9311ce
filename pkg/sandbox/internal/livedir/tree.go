// Package livedir copies directories.
package livedir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Copy fills the empty directory to with the tree of from: directories, files
// with their executable bits, and symbolic links as they stand.
func Copy(from, to string) error {
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through the handle itself
	return CopyTo(from, root)
}

// CopyTo is Copy into a directory that is open.
func CopyTo(from string, root *os.Root) error {
	return filepath.WalkDir(from, func(source string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target, err := filepath.Rel(from, source)
		if err != nil || target == "." {
			return err
		}
		switch entry.Type() {
		case fs.ModeDir:
			return root.Mkdir(target, 0o755)
		case fs.ModeSymlink:
			link, err := os.Readlink(source)
			if err != nil {
				return err
			}
			return root.Symlink(link, target)
		case 0:
			return CopyFile(source, root, target)
		default:
			return fmt.Errorf("%s is neither a file, a directory nor a symbolic link", source)
		}
	})
}

// CopyFile copies one file, with its executable bits, to a name that is free.
func CopyFile(from string, root *os.Root, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644|info.Mode().Perm()&0o111)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}
