package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// source is where branches come from. Each open sees what is there now.
type source interface {
	open(ctx context.Context) (*git.Repository, error)
	// String names the source for people, without a password.
	String() string
}

// fetchTimeout is that of a real server.
const fetchTimeout = 30 * time.Second

// scpLike is the short form of an SSH address, USER@HOST:PATH.
// It does not begin with a hyphen: a program would take that for an option.
var scpLike = regexp.MustCompile(`^[^-/\\@][^/\\@]*@[^/\\:]+:`)

// newSource tells a path, a file URL and an address on the network apart.
func newSource(spec, mirrors string) (source, error) {
	if spec == "" {
		return nil, errors.New("no repository given")
	}
	if scpLike.MatchString(spec) {
		return newMirror(spec, spec, mirrors), nil
	}
	if !strings.Contains(spec, "://") {
		return newPath(spec)
	}
	parsed, err := url.Parse(spec)
	if err != nil {
		// The address may hold a password, and url.Error repeats it.
		return nil, errors.New("the URL cannot be parsed")
	}
	switch parsed.Scheme {
	case "file":
		// Like any remote, it may come and go: nobody looks before it is used.
		return local(filepath.FromSlash(parsed.Path)), nil
	case "http", "https", "ssh", "git":
		return newMirror(spec, Redact(spec), mirrors), nil
	default:
		return nil, fmt.Errorf("unsupported scheme %q: use a path or a file, https, http, ssh or git URL", parsed.Scheme)
	}
}

// Remote checks the address of a repository as NewGit does. It returns the
// address for git itself, and what to show to people.
func Remote(spec string) (address, shown string, err error) {
	src, err := newSource(spec, "")
	if err != nil {
		return "", "", err
	}
	if remote, ok := src.(*mirror); ok {
		return remote.url, remote.name, nil
	}
	return src.String(), src.String(), nil
}

// local is a repository on this machine. It is read in place: nothing is there
// to fetch, and no git program is needed.
type local string

// newPath is a repository by its path, which must be there: it may be mistyped.
func newPath(path string) (source, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := local(absolute).open(context.Background()); err != nil {
		return nil, fmt.Errorf("%w; give the path or the URL of a Git repository", err)
	}
	return local(absolute), nil
}

func (l local) String() string { return string(l) }

func (l local) open(context.Context) (*git.Repository, error) {
	// A work tree made by `git worktree add` keeps its branches elsewhere.
	repo, err := git.PlainOpenWithOptions(string(l), &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", string(l), err)
	}
	return repo, nil
}

// mirror is a repository on the network, fetched into a bare one beside it.
type mirror struct {
	url, name, dir string
	// fetching keeps two fetches from writing into the same repository.
	fetching sync.Mutex
}

func newMirror(address, name, mirrors string) source {
	// One folder for each address: a kept folder may be used with another one.
	sum := sha256.Sum256([]byte(address))
	return &mirror{url: address, name: name, dir: filepath.Join(mirrors, hex.EncodeToString(sum[:8])+".git")}
}

func (m *mirror) String() string { return m.name }

func (m *mirror) open(ctx context.Context) (*git.Repository, error) {
	m.fetching.Lock()
	defer m.fetching.Unlock()
	repo, err := git.PlainOpen(m.dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		repo, err = m.create()
	}
	if err != nil {
		return nil, fmt.Errorf("mirror of %s: %w", m.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	remote := git.NewRemote(repo.Storer, &config.RemoteConfig{Name: "origin", URLs: []string{m.url}})
	err = remote.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []config.RefSpec{"+refs/heads/*:refs/heads/*"},
		Tags:     git.NoTags,
		Force:    true,
		Prune:    true,
	})
	switch {
	case err == nil, errors.Is(err, git.NoErrAlreadyUpToDate):
		return repo, nil
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return m.emptied()
	default:
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
}

func (m *mirror) create() (*git.Repository, error) {
	if err := os.MkdirAll(filepath.Dir(m.dir), 0o700); err != nil {
		return nil, err
	}
	return git.PlainInit(m.dir, true)
}

// emptied starts the mirror again: the remote has no branch, so neither may
// the mirror.
func (m *mirror) emptied() (*git.Repository, error) {
	if err := os.RemoveAll(m.dir); err != nil {
		return nil, fmt.Errorf("mirror of %s: %w", m.name, err)
	}
	return m.create()
}
