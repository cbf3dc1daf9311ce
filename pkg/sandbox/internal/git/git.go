// Package git deploys the branches of a control repository with the git program. It reads Git's
// objects and writes the files itself: there is no checkout, so attributes, filters and hooks have
// no effect.
package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// ErrMissing means that git is not installed, and says how to install it.
var ErrMissing = errors.New("git is not installed, and repositories are read with it: " +
	"install the package git, or on Windows Git for Windows")

// Remote is a control repository at an address, and the git to read it with.
type Remote struct {
	Address
	program
}

// Open returns the control repository at a path or a URL. It checks a path, which may be mistyped,
// but not a URL, whose server may come and go.
func Open(ctx context.Context, spec string, log *slog.Logger) (Remote, error) {
	address, err := parseAddress(spec)
	if err != nil {
		return Remote{}, err
	}
	path, err := exec.LookPath("git")
	if err != nil {
		return Remote{}, ErrMissing
	}
	remote := Remote{address, program{path, log}}
	if !address.checked {
		return remote, nil
	}
	if _, err := remote.in(address.Path).run(ctx, nil, nil, "rev-parse", "--git-dir"); err != nil {
		return Remote{}, fmt.Errorf("git cannot read %s: %w", address.Path, err)
	}
	return remote, nil
}

// program is the git of this machine.
type program struct {
	path string
	log  *slog.Logger
}

// repository is a repository of this machine: a control repository, or the
// mirror of one.
type repository struct {
	program
	path string
}

func (p program) in(path string) repository { return repository{p, path} }

// failedError is git's message when it fails.
type failedError struct{ words string }

func (e *failedError) Error() string { return e.words }

// run runs git in the repository and returns its standard error. If the exit status is not 0, that
// text is the error.
func (r repository) run(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) (said string, err error) {
	return r.program.run(ctx, process.Command{
		Args: append([]string{"-C", r.path}, args...), Stdin: stdin, Stdout: stdout,
		// A folder inside a repository does not count as a repository.
		Env: []string{"GIT_CEILING_DIRECTORIES=" + ceiling(r.path)},
	})
}

func (p program) run(ctx context.Context, command process.Command) (said string, err error) {
	command.Path, command.Log = p.path, p.log
	result, err := command.Run(ctx)
	said = strings.TrimSpace(result.Stderr)
	if err == nil && result.Code != 0 {
		err = &failedError{said}
	}
	return said, err
}

// ceiling is the folder above which git does not look for a repository.
func ceiling(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	return filepath.Dir(path)
}
