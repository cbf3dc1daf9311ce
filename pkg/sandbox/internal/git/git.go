// Package git deploys the branches of a control repository with the git
// program. It asks for what Git holds and writes that itself: there is no
// checkout, and so no attribute, filter or hook has a say.
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

// ErrMissing says that git is not installed, and how to get it.
var ErrMissing = errors.New("git is not installed, and the sandbox reads repositories with it: " +
	"install it, or leave this option out to deploy the sample")

// Program is the git of this machine.
type Program struct {
	path string
	log  *slog.Logger
}

// Find returns the git on the PATH, or ErrMissing.
func Find(log *slog.Logger) (*Program, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrMissing
	}
	return &Program{path: path, log: log}, nil
}

// Check reads the repository at a path. A remote is not looked at, nor is what a
// file URL means.
func (p *Program) Check(ctx context.Context, address Address) error {
	if !address.checked {
		return nil
	}
	_, err := p.in(address.Path).run(ctx, nil, io.Discard, "rev-parse", "--git-dir")
	if err != nil {
		return fmt.Errorf("git cannot read %s: %w", address.Path, err)
	}
	return nil
}

// repository is a repository of this machine: a control repository, or the
// mirror of one.
type repository struct {
	*Program
	path string
}

func (p *Program) in(path string) repository { return repository{p, path} }

// failedError is what git says when it fails.
type failedError struct{ words string }

func (e *failedError) Error() string { return e.words }

// run runs git in the repository and returns what it says on standard error. An
// exit status other than 0 is an error with these words.
func (r repository) run(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) (said string, err error) {
	return r.Program.run(ctx, process.Command{
		Args: append([]string{"-C", r.path}, args...), Stdin: stdin, Stdout: stdout,
		// A folder of a repository is none.
		Env: []string{"GIT_CEILING_DIRECTORIES=" + ceiling(r.path)},
	})
}

func (p *Program) run(ctx context.Context, command process.Command) (said string, err error) {
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
