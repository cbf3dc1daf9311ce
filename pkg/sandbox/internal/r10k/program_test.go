//go:build unix

package r10k

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
)

// script makes a program of shell lines that stands in for r10k.
func script(t *testing.T, lines string) string {
	t.Helper()
	testneeds.Program(t, "sh")
	path := filepath.Join(t.TempDir(), "r10k")
	testneeds.Executable(t, path, "#!/bin/sh\n"+lines+"\n")
	return path
}

// await asks until the answer is yes.
func await(t *testing.T, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !yes(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never happened")
		}
	}
}

// TestStoppedDeployment stops r10k in the middle of a deployment: neither its
// cache nor its half of an environment is used again.
func TestStoppedDeployment(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	program := script(t, `for config; do :; done
base=$(dirname "$(dirname "$(dirname "$config")")")/environments
mkdir -p "$base/production" && touch '`+started+`'; sleep 600`)
	e, err := New(Options{Program: program, Config: ForRemote("/x"), Dir: t.TempDir(), Live: live, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := e.Deploy(ctx, engine.Request{Environment: "production", Dir: t.TempDir()})
		ended <- err
	}()
	await(t, func() bool { _, err := os.Stat(started); return err == nil })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(e.free) != 0 {
		t.Error("the cache would be used again")
	}
	if found, err := os.ReadDir(e.base); err != nil || len(found) != 0 {
		t.Errorf("the base folder holds %v, %v", found, err)
	}
}

func TestListingThatHangs(t *testing.T) {
	e, err := New(Options{Program: script(t, "sleep 600"), Config: ForRemote("/x"), Dir: t.TempDir(), Live: live, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	e.timeout = 50 * time.Millisecond
	if _, err := e.Environments(t.Context()); err == nil || err.Error() != "r10k was stopped: r10k listed no environments within 50ms" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("enough"))
	defer cancel()
	if _, err := e.Environments(ctx); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("error %v", err)
	}
}

func TestOutcome(t *testing.T) {
	for text, want := range map[string]string{
		`{"signature": "abc", "deploy_success": true}`:  "",
		`{"signature": "abc", "deploy_success": false}`: "r10k deployed only a part",
		`{`: "did not report its deployment",
		``:  "did not report its deployment",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, deployFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := outcome(dir)
		if want == "" && (err != nil || got != "abc") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	program := script(t, "")
	t.Setenv("PATH", filepath.Dir(program))
	if got, err := Find(); err != nil || got != program {
		t.Errorf("found %s, %v", got, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := os.Stat(agentProgram); err == nil {
		return
	}
	if _, err := Find(); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "on Debian and Ubuntu, install the package r10k") {
		t.Errorf("error %v", err)
	}
}
