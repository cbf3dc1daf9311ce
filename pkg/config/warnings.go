package config

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// Warnings are sentences about probable mistakes: an unknown key, and files that others could
// misuse. They begin in lower case, and have no full stop.
func (c Config) Warnings() []string {
	warnings := c.unknownKeys()
	if runtime.GOOS == "windows" { // modes mean something else there
		return warnings
	}
	trusted := []string{c.CACert.Text}
	for _, file := range c.files {
		trusted = append(trusted, file.path)
	}
	if c.ServiceURL.Origin.Layer == LayerPuppet {
		trusted = append(trusted, c.ServiceURL.Origin.Name)
	}
	for _, path := range trusted {
		if mode := modeOf(path); mode&0o002 != 0 {
			warnings = append(warnings, fmt.Sprintf("anyone can change %s, and so get the token: chmod o-w %s", path, path))
		}
	}
	if c.envToken != "" && c.TokenFile.Origin.Layer != LayerFlag {
		return warnings // the token file is not used
	}
	if path := c.TokenFile.Text; modeOf(path)&0o044 != 0 {
		warnings = append(warnings, fmt.Sprintf("others can read the token in %s (mode %04o): chmod 600 %s", path, modeOf(path), path))
	}
	return warnings
}

// modeOf is the mode of an ordinary file, 0 for anything else.
func modeOf(path string) fs.FileMode {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Mode().Perm()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
