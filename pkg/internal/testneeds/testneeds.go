// Package testneeds is for tests that compare with a program that a machine
// may lack.
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
