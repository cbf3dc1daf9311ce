package git

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func TestRemoteWithoutBranchesIsLogged(t *testing.T) {
	e, log := newEngine(t, gittest.Serve(t, gittest.New(t)))
	if got := environments(t, e); len(got) != 0 || !strings.Contains(log.String(), "has no branches") {
		t.Errorf("environments %v; log %s", got, log)
	}
}

// TestRemoteWithAnotherHash has the mirror take over SHA-256.
func TestRemoteWithAnotherHash(t *testing.T) {
	repo := &gittest.Repo{Path: filepath.Join(t.TempDir(), "repo.git")}
	testneeds.Program(t, "git")
	gittest.Run(t, "init", "-q", "--bare", "--object-format=sha256", repo.Path)
	tree := repo.Run(t, "mktree")
	want := repo.Run(t, "commit-tree", "-m", "test", tree)
	repo.Run(t, "update-ref", "refs/heads/production", want)
	e, _ := newEngine(t, gittest.Serve(t, repo))
	for range 2 {
		if _, got, err := deploy(t, e, "production"); err != nil || got != want || len(want) != 64 {
			t.Errorf("deployed %s, %v, want %s", got, err, want)
		}
	}
}

// TestStoppedFetch: the next fetch makes a new mirror, and readers of the old one continue.
func TestStoppedFetch(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "1"})
	e, _ := newEngine(t, gittest.Serve(t, repo))
	environments(t, e)
	mirror := e.mirror
	before := mirror.path
	url := mirror.address
	mirror.address, mirror.timeout = hang(t), 200*time.Millisecond
	if _, err := e.Environments(t.Context()); err == nil || !strings.Contains(err.Error(), "git was stopped: ") {
		t.Errorf("error %v", err)
	}
	mirror.address, mirror.timeout = url, fetchTimeout
	if got := environments(t, e); !slices.Equal(got, []string{"production"}) || mirror.path == before {
		t.Errorf("environments %v from the mirror %s", got, mirror.path)
	}
	if _, err := os.Stat(before); err != nil {
		t.Errorf("the other mirror is gone: %v", err)
	}
}

// TestServerThatHangs fails every waiting request in its own time, and ends with its request.
func TestServerThatHangs(t *testing.T) {
	address := hang(t)
	e, _ := newEngine(t, address)
	e.mirror.timeout = 100 * time.Millisecond
	ended := make(chan error, 3)
	for range cap(ended) {
		go func() {
			_, err := e.Environments(t.Context())
			ended <- err
		}()
	}
	for range cap(ended) {
		failure := (*engine.Failure)(nil)
		if err := <-ended; !errors.As(err, &failure) || !strings.Contains(failure.Output, address+" did not answer within 100ms") {
			t.Errorf("error %v", err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("enough"))
	defer cancel()
	if _, err := e.Environments(ctx); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("error %v", err)
	}
}

// hang is the address of a server that accepts connections and sends nothing.
func hang(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	return "http://" + listener.Addr().String() + "/repo.git"
}

// TestMirrorsOfAnotherRun are deleted, whatever state they are in.
func TestMirrorsOfAnotherRun(t *testing.T) {
	repo := gittest.New(t)
	repo.Commit(t, "production", gittest.Files{"a": "1"})
	remote, err := Open(t.Context(), gittest.Serve(t, repo), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mirrors := t.TempDir()
	if err := os.Mkdir(filepath.Join(mirrors, "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		e, err := NewEngine(remote, mirrors, "/code")
		if err != nil {
			t.Fatal(err)
		}
		if found, err := os.ReadDir(mirrors); err != nil || len(found) != 0 {
			t.Errorf("mirrors %v, %v", found, err)
		}
		environments(t, e)
	}
}
