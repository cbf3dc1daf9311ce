package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestFilesHeldOpen keeps a file open, for a while or for ever.
func TestFilesHeldOpen(t *testing.T) {
	held := errors.New("held open")
	for _, test := range []struct {
		duration, takes time.Duration
		want            error
	}{{0, 0, nil}, {2 * time.Second, 2 * time.Second, nil}, {time.Hour, 5250 * time.Millisecond, held}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			err := removePatiently(func(string) error {
				if time.Since(began) < test.duration {
					return held
				}
				return nil
			}, "folder", cleanUpPatience)
			if took := time.Since(began); !errors.Is(err, test.want) || took != test.takes {
				t.Errorf("held for %s: %v after %s", test.duration, err, took)
			}
		})
	}
}

// TestSecretsAreDeletedFirst: if files cannot be deleted, the token and the key are deleted nevertheless.
func TestSecretsAreDeletedFirst(t *testing.T) {
	home, err := openFolder("")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home.root)
	for _, path := range []string{home.token(), home.caKey()} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("secret"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := home.removeSecrets(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, home.root); len(got) != 0 {
		t.Errorf("left are %v", got)
	}
}

// TestRelativeTMPDIR: COMMAND may change its folder, so all paths are absolute.
func TestRelativeTMPDIR(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"TMPDIR", "TMP"} { // on Windows it is TMP
		t.Setenv(name, ".")
	}
	h := start(t, Options{})
	for _, path := range []string{h.CACertFile(), h.TokenFile(), h.PasswordFile(), h.Codedir(), h.ControlRepo()} {
		if !filepath.IsAbs(path) {
			t.Errorf("%s is relative", path)
		}
	}
	h.deploy(`{"environments": ["production"], "wait": true}`)
}
