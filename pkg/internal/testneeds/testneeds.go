// Package testneeds skips tests that need a missing program, or much time.
package testneeds

import (
	"os"
	"os/exec"
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
