// Package git deploys the branches of a control repository with the git program.
package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/process"
)

// ErrMissing means that git is not installed, and says how to install it.
var ErrMissing = errors.New("git is not installed, and repositories are read with it: " +
	"install the package git, or on Windows Git for Windows")

// Remote is a control repository, and the git to read it with.
type Remote struct {
	program
	// address is the absolute path of a file or folder, or what else git reads. It may contain a
	// password.
	address string
	// folder is true for a folder, which is read in place. Everything else is fetched.
	folder bool
	// head is the branch that HEAD of the folder is, "" for no branch.
	head string
}

// Open returns the control repository at a path or an address that git reads. It checks a folder,
// which may be mistyped, but not a remote, whose server may come and go. With head, the HEAD of the
// folder is the branch of that name.
func Open(ctx context.Context, spec, head string, log *slog.Logger) (Remote, error) {
	remote := Remote{address: spec, head: head}
	info, err := os.Stat(spec)
	if err == nil {
		remote.folder = info.IsDir()
		if remote.address, err = filepath.Abs(spec); err != nil {
			return Remote{}, err
		}
	} else if !strings.Contains(spec, ":") {
		return Remote{}, fmt.Errorf("%s does not exist; give a path, or an address that git can read", spec)
	}
	path, err := exec.LookPath("git")
	if err != nil {
		return Remote{}, ErrMissing
	}
	remote.program = program{path, log}
	if remote.folder {
		return remote, remote.check(ctx)
	}
	if head != "" {
		return Remote{}, errors.New("HEAD can be a branch only of a folder in --control-repo")
	}
	return remote, nil
}

// check refuses a folder without a branch.
func (r Remote) check(ctx context.Context) error {
	found, err := r.repository().branches(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("git cannot read %s: %w", r, err)
	case len(found) == 0:
		return fmt.Errorf(`%s has no branches, so there are no environments; in a checkout of a CI job, name the branch that is checked out, such as --head "$CI_COMMIT_REF_NAME"`, r)
	}
	return nil
}

// ForGit is the address for git. It may contain a password.
func (r Remote) ForGit() string { return r.address }

// String is the address for people, without a password.
func (r Remote) String() string { return engine.Redact(r.address) }

// repository is the folder itself.
func (r Remote) repository() repository { return repository{r.program, r.address, r.head} }

// program is the git of this machine.
type program struct {
	path string
	log  *slog.Logger
}

// repository is a repository of this machine: a control repository, or the
// mirror of one.
type repository struct {
	program
	path, head string
}

// failedError is git's message when it fails.
type failedError struct{ words string }

func (e *failedError) Error() string { return e.words }

// run runs git in the repository and returns its standard error. If the exit status is not 0, that
// text is the error.
func (r repository) run(ctx context.Context, stdout io.Writer, args ...string) (said string, err error) {
	return r.program.run(ctx, process.Command{
		Args: append([]string{"-C", r.path}, args...), Stdout: stdout,
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

// ask runs git in the repository and returns the lines that it prints.
func (r repository) ask(ctx context.Context, args ...string) ([]string, error) {
	out := process.Buffer{Limit: maxListing}
	_, err := r.run(ctx, &out, args...)
	return strings.Split(strings.TrimSpace(out.String()), "\n"), err
}

// storage is how a repository keeps its objects.
type storage struct {
	// objects is the folder, format the hash function.
	objects, format string
	shallow         bool
}

func (r repository) storage(ctx context.Context) (storage, error) {
	lines, err := r.ask(ctx, "rev-parse", "--show-object-format", "--is-shallow-repository", "--git-path", "objects")
	if err != nil {
		return storage{}, err
	}
	if len(lines) != 3 {
		return storage{}, fmt.Errorf("git does not say where the objects are: %q", lines)
	}
	objects := lines[2]
	if !filepath.IsAbs(objects) {
		objects = filepath.Join(r.path, objects)
	}
	return storage{objects: objects, format: lines[0], shallow: lines[1] == "true"}, nil
}

// ceiling is the folder above which git does not look for a repository.
func ceiling(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	return filepath.Dir(path)
}
