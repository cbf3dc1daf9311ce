// Package testneeds skips tests that need a missing program, or much time, and writes programs.
package testneeds

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Program skips the test on a machine without the program, except where
// CI=true: there every test runs.
func Program(t testing.TB, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	need(t, name, err)
}

// File does the same for a file.
func File(t testing.TB, name string) {
	t.Helper()
	_, err := os.Stat(name)
	need(t, name, err)
}

func need(t testing.TB, name string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not installed", name)
	default:
		t.Skipf("%s is not installed", name)
	}
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

// WithoutProxies removes the proxies of this machine from the environment of the tests and of the
// programs that they start.
func WithoutProxies() {
	for _, name := range []string{"https_proxy", "http_proxy", "all_proxy", "no_proxy"} {
		_ = os.Unsetenv(name)
		_ = os.Unsetenv(strings.ToUpper(name))
	}
}

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
