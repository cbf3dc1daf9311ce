package textfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/textfile"
)

func TestUTF8(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"plain":                {"{}", "{}"},
		"empty":                {"", ""},
		"a byte order mark":    {"\xef\xbb\xbf{}", "{}"},
		"the mark alone":       {"\xef\xbb\xbf", ""},
		"Latin-1":              {"# caf\xe9", "# caf\xe9"},
		"NULs, not UTF-16":     {"\x00\x00", "\x00\x00"},
		"a NUL further behind": {"ab\x00", "ab\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := textfile.UTF8([]byte(test.in))
			if err != nil || string(got) != test.want {
				t.Errorf("%q %v, want %q", got, err, test.want)
			}
		})
	}
	for name, in := range map[string]string{
		"little endian":                 "\xff\xfe{\x00}\x00",
		"big endian":                    "\xfe\xff\x00{\x00}",
		"little endian, without a mark": "{\x00}\x00",
		"big endian, without a mark":    "\x00{\x00}",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := textfile.UTF8([]byte(in)); !errors.Is(err, textfile.ErrUTF16) || got != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := textfile.Read(path, 5); err != nil || string(text) != "12345" {
		t.Errorf("%q %v", text, err)
	}
	for _, test := range []struct {
		path string
		want error
	}{{path, textfile.ErrTooLarge}, {dir, textfile.ErrDirectory}, {path + "x", fs.ErrNotExist}} {
		_, err := textfile.Read(test.path, 4)
		if !errors.Is(err, test.want) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v, want %v", test.path, err, test.want)
		}
	}
}

func TestSystemMessagesCanBeGoneOnWith(t *testing.T) {
	message := errors.New("The system cannot find the file specified.")
	for _, err := range []error{
		textfile.WithoutStop(message), textfile.WithoutPath(&os.PathError{Op: "open", Path: "x", Err: message}),
		textfile.WithoutPath(&os.LinkError{Op: "rename", Old: "x", New: "y", Err: message}),
	} {
		if got, want := err.Error(), "The system cannot find the file specified"; got != want || !errors.Is(err, message) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if err := textfile.WithoutStop(fs.ErrNotExist); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v has changed", err)
	}
}
