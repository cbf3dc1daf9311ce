//go:build unix

package process

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

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// script makes a program of shell lines.
func script(t *testing.T, lines string) Command {
	t.Helper()
	testneeds.Program(t, "sh")
	path := filepath.Join(t.TempDir(), "r10k")
	testneeds.Executable(t, path, "#!/bin/sh\n"+lines+"\n")
	return Command{Path: path, Log: slog.New(slog.DiscardHandler)}
}

// TestEnvironment: programs inherit the right variables, and our git settings take precedence over
// the user's.
func TestEnvironment(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "/run/agent")
	t.Setenv("GIT_SSL_CAINFO", "/ca.pem")
	t.Setenv("GIT_SSH_COMMAND", "ssh -F config")
	t.Setenv("GIT_DIR", "/elsewhere")
	t.Setenv("GIT_TRACE", "/trace")
	t.Setenv("RUBYOPT", "-rnothing")
	t.Setenv("GEM_HOME", "/gems")
	t.Setenv("BUNDLE_GEMFILE", "/Gemfile")
	t.Setenv("AWS_PROFILE", "deploy")
	t.Setenv("PUPPET_CODE_TOKEN", "secret")
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "user.name")
	t.Setenv("GIT_CONFIG_VALUE_0", "somebody")
	env := environment(os.Environ(), []Setting{{"url.a=b.insteadOf", "c"}})
	last := 1 + len(settings)
	for _, want := range []string{
		"SSH_AUTH_SOCK=/run/agent", "AWS_PROFILE=deploy", "GIT_NO_REPLACE_OBJECTS=1", "GIT_SSL_CAINFO=/ca.pem", "GIT_SSH_COMMAND=ssh -F config", "LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
		"HOME=" + os.Getenv("HOME"), "GIT_CONFIG_KEY_0=user.name", "GIT_CONFIG_VALUE_0=somebody",
		fmt.Sprintf("GIT_CONFIG_COUNT=%d", last+1), fmt.Sprintf("GIT_CONFIG_KEY_%d=url.a=b.insteadOf", last), fmt.Sprintf("GIT_CONFIG_VALUE_%d=c", last),
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, entry := range env {
		if strings.HasPrefix(entry, "LC_ALL=de") { // the last one of a name counts
			continue
		}
		for _, bad := range []string{"GIT_DIR=", "GIT_TRACE=", "RUBYOPT=", "GEM_HOME=", "BUNDLE_", "PUPPET_CODE_TOKEN=", "GIT_CONFIG_COUNT=1"} {
			if strings.HasPrefix(entry, bad) && entry != fmt.Sprintf("GIT_CONFIG_COUNT=%d", last+1) {
				t.Errorf("the program has %s", entry)
			}
		}
	}
}

func TestOutputIsBoundedAndWithoutPasswords(t *testing.T) {
	log, printed := &bytes.Buffer{}, &Buffer{Limit: 100}
	c := script(t, `echo "$1"; yes 'ERROR https://user:secret@git.test/' | head -c 1000000 >&2; echo 'the cause: https://secret@git.test/' >&2; exit 16`)
	c.Args, c.Stdout = []string{"an argument"}, printed
	c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	got, err := c.Run(t.Context())
	if err != nil || got.Code != 16 || printed.String() != "an argument\n" {
		t.Fatalf("code %d, %v, printed %q", got.Code, err, printed)
	}
	if len(got.Stderr) > 2*maxErrors || !strings.HasSuffix(got.Stderr, "the cause: https://xxxxx@git.test/\n") {
		t.Errorf("%d bytes that end in %q", len(got.Stderr), got.Stderr[len(got.Stderr)-40:])
	}
	if strings.Contains(got.Stderr, "secret") || strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), "xxxxx") {
		t.Error("a password is shown")
	}
	endless := script(t, "cat /dev/zero")
	endless.Stdout = &Buffer{Limit: 1 << 20}
	if _, err := endless.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "printed more than 1048576 bytes") {
		t.Errorf("error %v for a program that prints without end", err)
	}
}

func TestProgramThatCannotRun(t *testing.T) {
	if _, err := (Command{Path: "/not/there", Log: slog.New(slog.DiscardHandler)}).Run(t.Context()); err == nil {
		t.Error("it ran")
	}
	stopped := (*StoppedError)(nil)
	if _, err := script(t, "kill -9 $$").Run(t.Context()); !errors.As(err, &stopped) {
		t.Errorf("error %v, want a StoppedError", err)
	}
}

// Output that does not end with the program may lack a part: a list of branches without the last would
// make an environment that is there a missing one. Messages may stay open, as those of an ssh master.
func TestOutputThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	p := script(t, "sleep 10 & echo one")
	if _, err := p.Run(t.Context()); err != nil {
		t.Errorf("nobody reads the output: %v", err)
	}
	p.Stdout = &Buffer{Limit: 100}
	stopped := (*StoppedError)(nil)
	if _, err := p.Run(t.Context()); !errors.As(err, &stopped) {
		t.Errorf("error %v, want a StoppedError", err)
	}
}

// TestStopReachesChildren: a program ends with everything in its process group.
func TestStopReachesChildren(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	p := script(t, fmt.Sprintf(`sleep 600 & echo $$ $! > '%[1]s.new'; mv '%[1]s.new' '%[1]s'; wait`, pids))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run(ctx)
		ended <- err
	}()
	await(t, func() bool { _, err := os.Stat(pids); return err == nil })
	cancel()
	stopped := (*StoppedError)(nil)
	if err := <-ended; !errors.As(err, &stopped) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want a StoppedError", err)
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

// running reports whether a process is there and, where that can be told, not just a zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return !strings.Contains(string(text), ") Z ")
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
