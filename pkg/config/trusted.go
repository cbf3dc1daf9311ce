package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

// maxCACert is the maximum size of a certificate file in bytes. The authorities of a system are
// some 200 kB.
const maxCACert = 16 << 20

// TrustedFile is the file of trusted authorities. It is "", which means the system's authorities,
// if no file is configured and the default does not exist.
func (c Config) TrustedFile() string {
	if c.CACert.Origin.Layer != LayerDefault {
		return c.CACert.Text
	}
	if _, err := os.Stat(c.CACert.Text); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return c.CACert.Text
}

// ReadTrusted reads TrustedFile, as PEM. It is nil for the authorities of the system. The error
// says where the path comes from.
func (c Config) ReadTrusted() ([]byte, error) {
	path := c.TrustedFile()
	if path == "" {
		return nil, nil
	}
	text, err := textfile.Read(path, maxCACert)
	if err != nil {
		return nil, fmt.Errorf("cannot read the trusted certificates in %s: %w (%s comes from %s)", Presentable(path), err, KeyCACert, c.CACert.Origin)
	}
	return text, nil
}
