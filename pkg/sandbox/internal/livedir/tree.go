package livedir

import (
	"crypto/sha1" //nolint:gosec // names content like Git does, protects nothing
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
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

// Digest is a SHA-1 over a tree: names, kinds, executable bits and content, but
// no times. Equal trees have equal digests.
func Digest(dir string) (string, error) {
	sum := sha1.New() //nolint:gosec // see the import
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil || relative == "." {
			return err
		}
		return digestEntry(sum, path, filepath.ToSlash(relative), entry)
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// digestEntry writes one entry with the lengths of its parts, so that no two
// trees write the same bytes.
func digestEntry(sum hash.Hash, path, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	switch entry.Type() {
	case fs.ModeDir:
		sum.Write(fmt.Appendf(nil, "dir %d %s\n", len(name), name))
		return nil
	case fs.ModeSymlink:
		link, err := os.Readlink(path)
		sum.Write(fmt.Appendf(nil, "link %d %s %d %s\n", len(name), name, len(link), link))
		return err
	default:
		sum.Write(fmt.Appendf(nil, "file %d %s %t %d ", len(name), name, info.Mode()&0o111 != 0, info.Size()))
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(sum, file)
		return err
	}
}
