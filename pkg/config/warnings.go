package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Warnings are sentences about probable mistakes: a misspelt key, an unusable puppet.conf, and
// files that others could misuse. They begin in lower case, and have no full stop.
func (c Config) Warnings() []string {
	warnings := slices.Clone(c.warnings)
	if c.ServiceURL.err != nil {
		warnings = append(warnings, "puppet.conf gives no service URL: "+c.ServiceURL.err.Error())
	}
	if runtime.GOOS == "windows" { // modes and owners mean something else there
		return warnings
	}
	for _, file := range c.files {
		warnings = append(warnings, misuseOf(file.path, "and so send the token elsewhere")...)
	}
	if c.ServiceURL.Origin.Layer == LayerPuppet {
		warnings = append(warnings, misuseOf(c.ServiceURL.Origin.Name, "and so send the token elsewhere", "puppet", "pe-puppet")...)
	}
	if path := c.CACert.Text; writableByAll(path) {
		warnings = append(warnings, fmt.Sprintf("anyone can write to %s, and so make any server trusted: chmod o-w %s", path, path))
	}
	return append(warnings, c.tokenReaders()...)
}

// tokenReaders warns of a token file in use that others can read.
func (c Config) tokenReaders() []string {
	if c.envToken != "" && c.TokenFile.Origin.Layer != LayerFlag {
		return nil
	}
	path := c.TokenFile.Text
	mode, ok := modeOf(path)
	if !ok || mode&0o044 == 0 {
		return nil
	}
	return []string{fmt.Sprintf("others can read the token in %s (mode %04o): chmod 600 %s", path, mode.Perm(), path)}
}

// misuseOf warns about a file that others can change: through its mode, its owner, or its folder,
// in which they could replace it. In addition to root and this user, one of owners may own it.
func misuseOf(path, consequence string, owners ...string) []string {
	if writableByAll(path) {
		return []string{fmt.Sprintf("anyone can write to %s, %s: chmod o-w %s", path, consequence, path)}
	}
	if owner, foreign := foreignOwner(path, owners); foreign {
		return []string{fmt.Sprintf("%s belongs to %s, who can change it %s: chown it to yourself or to root", path, owner, consequence)}
	}
	folder := filepath.Dir(path)
	if target, err := filepath.EvalSymlinks(path); err == nil && !openFolder(folder) {
		folder = filepath.Dir(target)
	}
	if openFolder(folder) {
		return []string{fmt.Sprintf("anyone can write to the folder %s, replace %s %s: chmod o-w %s", folder, path, consequence, folder)}
	}
	return nil
}

// openFolder reports whether everyone can replace files in a folder. It is false for a folder such
// as /tmp, where users can replace only their own files.
func openFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}

func writableByAll(path string) bool {
	mode, ok := modeOf(path)
	return ok && mode&0o002 != 0
}

// modeOf is the mode of an ordinary file.
func modeOf(path string) (mode fs.FileMode, ok bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Mode().Perm(), true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
