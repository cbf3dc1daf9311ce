//go:build unix

package r10k

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/engine"
	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

// script makes a program of shell lines that stands in for r10k.
func script(t *testing.T, lines string) program {
	t.Helper()
	gittest.Need(t, "sh")
	path := filepath.Join(t.TempDir(), "r10k")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return program{path: path, log: slog.New(slog.DiscardHandler)}
}

func TestChildKnowsLittleOfUs(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "/run/agent")
	t.Setenv("GIT_DIR", "/elsewhere")
	t.Setenv("RUBYOPT", "-rnothing")
	t.Setenv("PUPPET_CODE_TOKEN", "secret")
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	got, err := script(t, "env").run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(string(got.stdout), "\n")
	for _, want := range []string{"SSH_AUTH_SOCK=/run/agent", "LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", "HOME=" + os.Getenv("HOME")} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, entry := range env {
		for _, bad := range []string{"GIT_DIR=", "RUBYOPT=", "PUPPET_CODE_TOKEN=", "LC_ALL=de"} {
			if strings.HasPrefix(entry, bad) {
				t.Errorf("the child has %s", entry)
			}
		}
	}
}

func TestOutputIsBoundedAndWithoutPasswords(t *testing.T) {
	log := &bytes.Buffer{}
	p := script(t, `yes 'ERROR https://user:secret@git.test/' | head -c 1000000 >&2; echo 'the cause: https://secret@git.test/' >&2; exit 16`)
	p.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	got, err := p.run(t.Context())
	if err != nil || got.code != 16 {
		t.Fatalf("code %d, %v", got.code, err)
	}
	if len(got.stderr) > 2*maxErrors || !strings.HasSuffix(got.stderr, "the cause: https://xxxxx@git.test/\n") {
		t.Errorf("%d bytes that end in %q", len(got.stderr), got.stderr[len(got.stderr)-40:])
	}
	if strings.Contains(got.stderr, "secret") || strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "xxxxx") {
		t.Error("a password is shown")
	}
	if _, err := script(t, "head -c 20000000 /dev/zero").run(t.Context()); err == nil || !strings.Contains(err.Error(), "printed more than") {
		t.Errorf("error %v for a listing without end", err)
	}
}

func TestProgramThatCannotRun(t *testing.T) {
	if _, err := (program{path: "/not/there", log: slog.New(slog.DiscardHandler)}).run(t.Context()); err == nil {
		t.Error("it ran")
	}
	stopped := (*stoppedError)(nil)
	if _, err := script(t, "kill -9 $$").run(t.Context()); !errors.As(err, &stopped) {
		t.Errorf("error %v, want a stoppedError", err)
	}
}

// TestStopReachesEveryProcess: r10k gives git a session of its own.
func TestStopReachesEveryProcess(t *testing.T) {
	gittest.Need(t, "setsid")
	pids := filepath.Join(t.TempDir(), "pids")
	p := script(t, fmt.Sprintf(`mkfifo %[1]s.fifo; setsid sh -c 'sleep 600 & echo $$ $! > %[1]s.fifo; wait' & read a b < %[1]s.fifo
echo $$ $a $b > %[1]s.new; mv %[1]s.new %[1]s; wait`, pids))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := p.run(ctx)
		ended <- err
	}()
	await(t, func() bool { _, err := os.Stat(pids); return err == nil })
	cancel()
	stopped := (*stoppedError)(nil)
	if err := <-ended; !errors.As(err, &stopped) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want a stoppedError", err)
	}
	text, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for field := range strings.FieldsSeq(string(text)) {
		var pid int
		if _, err := fmt.Sscan(field, &pid); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return !running(pid) })
	}
}

// running reports whether a process is there and not just a zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

// await asks until the answer is yes.
func await(t *testing.T, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !yes(); {
		if time.Now().After(deadline) {
			t.Fatal("never happened")
		}
	}
}

func TestCachesInAndOutOfOrder(t *testing.T) {
	dir := t.TempDir()
	open := func() *caches {
		t.Helper()
		made, err := openCaches(dir)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	take := func(c *caches) string {
		t.Helper()
		path, err := c.take()
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := open()
	one, two := take(c), take(c)
	if one == two {
		t.Fatal("two have one cache")
	}
	if err := errors.Join(c.give(one, true), c.give(two, false)); err != nil {
		t.Fatal(err)
	}
	if again := take(c); again != one {
		t.Errorf("cache %s, want the one in order, %s", again, one)
	}
	// That one is in hand when the sandbox is killed.
	kept := take(c)
	if err := c.give(kept, true); err != nil {
		t.Fatal(err)
	}
	c = open()
	if found, err := os.ReadDir(dir); err != nil || len(found) != 1 || take(c) != kept {
		t.Errorf("caches %v, %v, want %s alone", found, err, kept)
	}
}

// TestStoppedCacheIsNotUsedAgain stops r10k in the middle of a listing.
func TestStoppedCacheIsNotUsedAgain(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	p := script(t, "touch "+started+"; sleep 600")
	dir := t.TempDir()
	e, err := New(Options{Program: p.path, Config: ForRemote("/x"), Dir: dir, Live: live, Log: p.log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := e.Environments(ctx)
		ended <- err
	}()
	await(t, func() bool { _, err := os.Stat(started); return err == nil })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) != 0 {
		t.Errorf("caches %v, %v", found, err)
	}
}

// TestSSH deploys through a stand-in for ssh, which must be told where the
// agent is.
func TestSSH(t *testing.T) {
	ssh := script(t, `test "$SSH_AUTH_SOCK" = /run/agent || exit 9; for last; do :; done; exec sh -c "$last"`)
	t.Setenv("GIT_SSH_COMMAND", ssh.path)
	t.Setenv("SSH_AUTH_SOCK", "/run/agent")
	repo := gittest.New(t)
	want := repo.Commit(t, "production", gittest.Files{"a": "a"})
	for _, spec := range []string{"ssh://git@localhost" + repo.Path, "git@localhost:" + repo.Path} {
		address, _, err := engine.Remote(spec)
		if err != nil {
			t.Fatal(err)
		}
		_, signature, err := deploy(t, newEngine(t, ForRemote(address)), engine.Request{Environment: "production"})
		if err != nil || signature != want {
			t.Errorf("%s: signature %s, %v", spec, signature, err)
		}
	}
}

func TestOutcome(t *testing.T) {
	for text, want := range map[string]string{
		`{"signature": "abc", "deploy_success": true}`:  "",
		`{"signature": "abc", "deploy_success": false}`: "r10k did not deploy all",
		`{`: "not said what it deployed",
		``:  "not said what it deployed",
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
	p := script(t, "")
	if got, err := Find(p.path); err != nil || got != p.path {
		t.Errorf("found %s, %v", got, err)
	}
	if _, err := Find("/not/there"); err == nil || !strings.Contains(err.Error(), "package r10k") {
		t.Errorf("error %v", err)
	}
	t.Setenv("PATH", filepath.Dir(p.path))
	if got, err := Find(""); err != nil || got != p.path {
		t.Errorf("found %s, %v", got, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := os.Stat(agentProgram); err == nil {
		return
	}
	if _, err := Find(""); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "on Debian and Ubuntu it is the package r10k") {
		t.Errorf("error %v", err)
	}
}
