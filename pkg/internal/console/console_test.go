package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/internal/console"
)

func TestEnableVTOnlyOnTerminals(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	for _, f := range []*os.File{file, writer} {
		if console.EnableVT(f) {
			t.Errorf("%s is said to be a terminal", f.Name())
		}
	}
}
