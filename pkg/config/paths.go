package config

import (
	"os"
	"os/user"
	"strings"
)

// Paths are the default paths. An empty path does not exist on this machine.
type Paths struct {
	// Home is the user's home directory, "" if there is no home directory.
	Home string
	// GlobalFile and UserFile are the two configuration files.
	GlobalFile, UserFile string
	// CACert and TokenFile are defaults for the settings of that name.
	CACert, TokenFile string
	// SavedCACert is where login --server saves the authority. It is the default for the setting
	// cacert if CACert does not exist.
	SavedCACert string
	// PuppetConf is the configuration of Puppet's agent.
	PuppetConf string
	// GlobalAccessFile and UserAccessFile are the two files puppet-access.conf.
	GlobalAccessFile, UserAccessFile string
}

// DefaultPaths gives the paths of an operating system, a value of
// runtime.GOOS, for a user with this home directory.
func DefaultPaths(goos, home string) Paths {
	p := Paths{
		Home:       home,
		GlobalFile: "/etc/puppetlabs/client-tools/puppet-code.conf",
		CACert:     "/etc/puppetlabs/puppet/ssl/certs/ca.pem",
		PuppetConf: "/etc/puppetlabs/puppet/puppet.conf",

		GlobalAccessFile: "/etc/puppetlabs/client-tools/puppet-access.conf",
	}
	separator := "/"
	if goos == "windows" {
		separator = `\`
		p.GlobalFile = `C:\ProgramData\PuppetLabs\client-tools\puppet-code.conf`
		p.CACert = `C:\ProgramData\PuppetLabs\puppet\etc\ssl\certs\ca.pem`
		p.PuppetConf = `C:\ProgramData\PuppetLabs\puppet\etc\puppet.conf`
		p.GlobalAccessFile = `C:\ProgramData\PuppetLabs\client-tools\puppet-access.conf`
	}
	if home != "" {
		in := func(names ...string) string { return strings.Join(append([]string{home}, names...), separator) }
		p.UserFile = in(".puppetlabs", "client-tools", "puppet-code.conf")
		p.UserAccessFile = in(".puppetlabs", "client-tools", "puppet-access.conf")
		p.SavedCACert = in(".puppetlabs", "client-tools", "ca.pem")
		p.TokenFile = in(".puppetlabs", "token")
	}
	return p
}

// HomeDir is the user's home directory: from the environment or, in the empty environment of a cron
// job, from the system's user database. It is "" if neither has it.
func HomeDir() string {
	if home, err := os.UserHomeDir(); err == nil {
		return home
	}
	if current, err := user.Current(); err == nil {
		return current.HomeDir
	}
	return ""
}

// belowClosedHome reports whether a path is below a home directory that this process can't enter:
// it is not a directory, or it belongs to another user, as for a service with ProtectHome=yes, su
// without -, or an arbitrary user of a container.
func belowClosedHome(path, home string) bool {
	if home == "" || !strings.HasPrefix(path, home) {
		return false
	}
	_, err := os.Stat(home + string(os.PathSeparator) + ".")
	return err != nil
}

// expand replaces a leading ~ by the user's home directory.
func (p Paths) expand(path string) string {
	if p.Home == "" {
		return path
	}
	if path == "~" {
		return p.Home
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return p.Home + "/" + rest
	}
	if rest, ok := strings.CutPrefix(path, `~\`); ok && strings.Contains(p.Home, `\`) {
		return p.Home + `\` + rest
	}
	return path
}
