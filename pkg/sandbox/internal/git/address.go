package git

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// Address is the place of a control repository: a local directory, or a remote.
type Address struct {
	// Path is the absolute path of a directory, "" for a remote.
	Path string
	// URL is the address of a remote, with its password, "" for a directory.
	URL string
	// checked is true if the address is checked before it is used.
	checked bool
}

// scpLike is the short form of an SSH address, USER@HOST:PATH. It must not begin with a hyphen,
// because a program would take it for an option.
var scpLike = regexp.MustCompile(`^[^-/\\@][^/\\@]*@[^/\\:]+:`)

// parseAddress distinguishes a path, a file URL and the address of a remote. A path must exist.
func parseAddress(spec string) (Address, error) {
	switch {
	case spec == "":
		return Address{}, errors.New("no repository given")
	case scpLike.MatchString(spec):
		return Address{URL: spec}, nil
	case !strings.Contains(spec, "://"):
		return pathAddress(spec)
	}
	parsed, err := url.Parse(spec)
	if err != nil {
		// The address may hold a password, and url.Error repeats it.
		return Address{}, errors.New("the URL cannot be parsed")
	}
	switch parsed.Scheme {
	case "file":
		path, err := filePath(parsed, runtime.GOOS)
		return Address{Path: path}, err
	case "http", "https", "ssh", "git":
		return Address{URL: spec}, nil
	default:
		return Address{}, fmt.Errorf("unsupported scheme %q: use a path or a file, https, http, ssh or git URL", parsed.Scheme)
	}
}

func pathAddress(spec string) (Address, error) {
	path, err := filepath.Abs(spec)
	if err != nil {
		return Address{}, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return Address{}, fmt.Errorf("%s does not exist; give the path or the URL of a Git repository", path)
	}
	return Address{Path: path, checked: true}, nil
}

// filePath is the path of a file URL: file:///C:/t/repo.git is C:\t\repo.git on Windows, and
// file://server/share is \\server\share.
func filePath(parsed *url.URL, goos string) (string, error) {
	local := parsed.Host == "" || parsed.Host == "localhost"
	if drive := strings.HasSuffix(parsed.Host, ":"); !local && (drive || goos != "windows") {
		return "", fmt.Errorf("%s: a file URL has three slashes before its path: file:///%s%s", parsed, parsed.Host, parsed.Path)
	}
	if goos != "windows" {
		return parsed.Path, nil
	}
	path := strings.ReplaceAll(parsed.Path, "/", `\`)
	if !local {
		return `\\` + parsed.Host + path, nil
	}
	if len(path) > 2 && path[2] == ':' {
		return path[1:], nil
	}
	return path, nil
}

// ForGit is the address for git. It may contain a password.
func (a Address) ForGit() string { return a.Path + a.URL }

// String is the address for people, without a password.
func (a Address) String() string { return engine.Redact(a.ForGit()) }
