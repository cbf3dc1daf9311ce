package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// Where Puppet's authorities are not installed, print-config says which ones are used.
func TestPrintConfigNotesTheSystemsAuthorities(t *testing.T) {
	sys, out, stderr := testSystem()
	sys.Paths.CACert = filepath.Join(t.TempDir(), "ca.pem")
	if status := Main(t.Context(), []string{"print-config"}, sys); status != ExitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if want := "Note: there is no file " + sys.Paths.CACert + ": the system's authorities are trusted.\n"; !strings.Contains(stderr.String(), want) || !strings.Contains(out.String(), "cacert: ") {
		t.Errorf("printed:\n%s%s", stderr, out)
	}
}
