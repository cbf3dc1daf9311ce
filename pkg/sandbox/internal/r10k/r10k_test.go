package r10k

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

const live = "/code/environments"

func newEngine(t *testing.T, config *Config) *Engine {
	t.Helper()
	testneeds.Program(t, "git")
	testneeds.Program(t, "r10k")
	program, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	made, err := New(Options{Program: program, Config: config, Dir: filepath.Join(t.TempDir(), "r10k"), Live: live, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// deploy deploys into a new directory.
func deploy(t *testing.T, e *Engine, request engine.Request) (dir string, err error) {
	t.Helper()
	request.Dir = filepath.Join(t.TempDir(), request.Environment)
	if err := os.Mkdir(request.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = e.Deploy(t.Context(), request)
	return request.Dir, err
}

func environments(t *testing.T, e *Engine) []string {
	t.Helper()
	names, err := e.Environments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}
