// Package testneeds skips tests that need a missing program, or much time, and writes programs.
package testneeds

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Program skips the test on a machine without the program, except where
// CI=true: there every test runs.
func Program(t testing.TB, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
}

// Time skips a long test with -short, if its result is the same on every system.
func Time(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it is long, and the same on every system")
	}
}

// Night skips the test by day: it takes long, and .ci/nightly runs it.
func Night(t testing.TB) {
	t.Helper()
	if !Nightly() {
		t.Skip("it takes long: .ci/nightly runs it")
	}
}

// Nightly reports whether tests may take long, as in .ci/nightly.
func Nightly() bool { return os.Getenv("PUPPET_CODE_NIGHTLY") != "" }

// Executable writes a program. No other goroutine starts a process meanwhile: it would inherit the
// open file, and the system does not run a file that is open for writing.
func Executable(t testing.TB, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte(text), 0o700) //nolint:gosec // a program
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
}
