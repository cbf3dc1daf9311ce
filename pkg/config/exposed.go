package config

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// Exposed gives a sentence for each file that others could misuse, on systems
// where modes mean something: a token file that others can read, and a
// configuration file that everybody can write, for it could send the token
// elsewhere.
func (c Config) Exposed() []string {
	if runtime.GOOS == "windows" {
		return nil
	}
	var warnings []string
	for _, path := range c.files {
		if mode, ok := modeOf(path); ok && mode&0o002 != 0 {
			warnings = append(warnings, fmt.Sprintf("everybody can write %s, and with it send the token elsewhere: chmod o-w %s", path, path))
		}
	}
	if c.envToken == "" || c.TokenFile.Origin.Layer == LayerFlag {
		path := c.TokenFile.Text
		if mode, ok := modeOf(path); ok && mode&0o044 != 0 {
			warnings = append(warnings, fmt.Sprintf("others can read the token in %s (mode %04o): chmod 600 %s", path, mode, path))
		}
	}
	return warnings
}

// modeOf is the mode of an ordinary file.
func modeOf(path string) (mode fs.FileMode, ok bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Mode().Perm(), true
}
