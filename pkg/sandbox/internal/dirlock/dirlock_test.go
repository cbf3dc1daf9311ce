package dirlock

import (
	"errors"
	"fmt"
	"os"
	"testing"
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
