package dirlock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/puppet-code/puppet-code/pkg/sandbox/internal/gittest"
)

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Acquire(dir)
	held := (*HeldError)(nil)
	want := fmt.Sprintf("%s is in use by another sandbox, with process id %d", dir, os.Getpid())
	if !errors.As(err, &held) || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := Acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
}

// TestChildrenOutliveUs: the lock is held by a program that inherited it.
func TestChildrenOutliveUs(t *testing.T) {
	if !inheritable {
		t.Skip("no child can hold a lock on this system")
	}
	gittest.Need(t, "cat")
	dir := t.TempDir()
	ours, err := AwaitChildren(dir, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("cat")
	child.ExtraFiles = ours.Inherited()
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(child.Start(), ours.Close()); err != nil {
		t.Fatal(err)
	}
	late, err := AwaitChildren(dir, time.Millisecond)
	if !errors.Is(err, ErrChildren) || len(late.Inherited()) != 1 {
		t.Errorf("error %v, want ErrChildren", err)
	}
	if err := late.Close(); err != nil {
		t.Fatal(err)
	}
	end(t, input, child)
	free, err := AwaitChildren(dir, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
}

func end(t *testing.T, input io.Closer, child *exec.Cmd) {
	t.Helper()
	if err := errors.Join(input.Close(), child.Wait()); err != nil {
		t.Fatal(err)
	}
}
