//go:build unix

package testneeds_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/testneeds"
)

// A program can be run at once, whatever other tests start meanwhile.
func TestExecutableIsNotBusy(t *testing.T) {
	dir, done := t.TempDir(), make(chan struct{})
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					_ = exec.Command("true").Run()
				}
			}
		})
	}
	defer others.Wait()
	defer close(done)
	for i := range 200 {
		program := filepath.Join(dir, fmt.Sprint(i))
		testneeds.Executable(t, program, "#!/bin/sh\n")
		if err := exec.Command(program).Run(); err != nil {
			t.Fatalf("program %d: %v", i, err)
		}
	}
}
