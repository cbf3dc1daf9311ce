package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// nobody is the user id of an account without rights.
const nobody = 65534

// asNobody runs a function as a user without rights, because root can enter every folder. It uses a
// separate thread that ends with the function. A test run by another user needs no change.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		defer close(done)
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // never unlocked, because no other goroutine may use the thread
			if err := syscall.Setfsuid(nobody); err != nil {
				done <- err
				return
			}
		}
		do()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}

// enterable lets everyone enter the folder of a test.
func enterable(t *testing.T, dir string) {
	t.Helper()
	chmod(t, dir, 0o755)
	chmod(t, filepath.Dir(dir), 0o755)
}

// A home directory that can't be entered counts as empty: for a service with ProtectHome=yes, su
// without -, or any user of a container.
func TestHomeThatCannotBeEntered(t *testing.T) {
	w := newWorld(t)
	enterable(t, w.dir)
	w.file("home/user.conf", "not even JSON")
	w.file("home/access.conf", "not even JSON")
	w.file("home/token", secret)
	w.file("global.conf", `{"service-url":"https://global"}`)
	chmod(t, w.dir+"/global.conf", 0o644)
	chmod(t, w.dir+"/home", 0)
	asNobody(t, func() {
		cfg, err := w.load()
		if err != nil || cfg.ServiceURL.Text != "https://global" {
			t.Errorf("%+v %v", cfg, err)
		}
		if text := w.log.String(); !strings.Contains(text, `level=DEBUG msg="no configuration file"`) || !strings.Contains(text, w.dir+"/home/user.conf") {
			t.Errorf("log: %s", &w.log)
		}
		if got, err := cfg.RBACURL(); err != nil || got.Text != "https://global:4433/rbac-api" {
			t.Errorf("%+v %v", got, err)
		}
		if _, _, err := cfg.ReadToken(nil); !isMissing(err) || !strings.Contains(err.Error(), "the home directory "+w.dir+"/home cannot be entered") {
			t.Errorf("token: %v", err)
		}
	})
}

// If the home directory can be entered, its files must be readable.
func TestUserFileThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	enterable(t, w.dir)
	path := w.file("home/user.conf", `{}`)
	token := w.file("home/token", secret)
	chmod(t, w.dir+"/home", 0o755)
	chmod(t, path, 0)
	chmod(t, token, 0)
	asNobody(t, func() {
		if _, err := w.load(); err == nil || !strings.Contains(err.Error(), "cannot read the configuration file "+path+": permission denied") {
			t.Errorf("%v", err)
		}
	})
	chmod(t, path, 0o644)
	asNobody(t, func() {
		cfg, err := w.load()
		if err != nil {
			t.Error(err)
		}
		if _, _, err := cfg.ReadToken(nil); err == nil || isMissing(err) || !strings.Contains(err.Error(), "cannot read the token from "+token+": permission denied") {
			t.Errorf("token: %v", err)
		}
	})
}

// Some system accounts have /dev/null as their home.
func TestHomeThatIsNoDirectory(t *testing.T) {
	paths := DefaultPaths("linux", "/dev/null")
	paths.GlobalFile, paths.PuppetConf, paths.GlobalAccessFile = "", "", ""
	cfg := loadOn(t, paths, map[string]string{}, nil)
	if _, _, err := cfg.ReadToken(nil); !isMissing(err) {
		t.Errorf("token: %v", err)
	}
	if _, err := cfg.RBACURL(); err != nil {
		t.Error(err)
	}
}
