package console_test

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"

	"github.com/puppet-code/puppet-code/pkg/internal/console"
)

// Each screen has a separate mode: preparing one does not change the other.
func TestEnableVTEachScreen(t *testing.T) {
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	// A test may run without a console; a program that has one fails here, harmlessly.
	_, _, _ = kernel.NewProc("AllocConsole").Call()
	screen := func() *os.File {
		const textmode, shared = 1, windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE
		handle, _, err := kernel.NewProc("CreateConsoleScreenBuffer").Call(windows.GENERIC_READ|windows.GENERIC_WRITE, shared, 0, textmode, 0)
		if windows.Handle(handle) == windows.InvalidHandle {
			if os.Getenv("CI") == "true" {
				t.Fatal("no console: ", err)
			}
			t.Skip("no console: ", err)
		}
		f := os.NewFile(handle, "screen")
		t.Cleanup(func() { f.Close() })
		if err := windows.SetConsoleMode(windows.Handle(handle), windows.ENABLE_PROCESSED_OUTPUT); err != nil {
			t.Fatal(err)
		}
		return f
	}
	prepared, other := screen(), screen()
	for range 2 { // a prepared screen stays prepared
		if !console.EnableVT(prepared) {
			t.Fatal("a console cannot be prepared")
		}
	}
	if !hasVT(t, prepared) {
		t.Error("escape sequences are not acted upon after EnableVT")
	}
	if hasVT(t, other) {
		t.Error("another screen was prepared, too")
	}
}

func hasVT(t *testing.T, f *os.File) bool {
	t.Helper()
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(f.Fd()), &mode); err != nil {
		t.Fatal(err)
	}
	return mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0
}
