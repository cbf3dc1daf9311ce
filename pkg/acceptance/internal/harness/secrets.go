package harness

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// secretVariables are the variables of a script that contain secrets.
var secretVariables = []string{"TOKEN", "PUPPET_CODE_TOKEN", "PASSWORD"}

// demandNoSecret checks that the output of a program in a script has no secret, unless it was
// requested.
func demandNoSecret(ts *testscript.TestScript, args []string, written string) {
	if slices.Contains(args, "--show-token") {
		return
	}
	secrets := []string{RawToken}
	for _, name := range secretVariables {
		if value := ts.Getenv(name); len(value) >= 8 {
			secrets = append(secrets, value)
		}
	}
	if form := Leaked(written, secrets...); form != "" {
		ts.Fatalf("a secret is in the output, %s", form)
	}
}

// watched are the secrets of a network: its token, and those that a test adds.
// It needs the mutex.
func (n *Network) watched() []string {
	// The sandbox may be gone, and its token with it.
	if text, err := os.ReadFile(n.TokenFile); err == nil {
		if token := strings.TrimSpace(string(text)); !slices.Contains(n.Secrets, token) {
			n.Secrets = append(n.Secrets, token)
		}
	}
	return n.Secrets
}

// secret checks that no secret is in the output of the program, unless it was requested, or in its
// files, and that the token was sent only in one header. Every run of a program on a network ends
// with this check.
func (n *Network) secret(c *Client) {
	n.T.Helper()
	secrets := n.watched()
	for stream, text := range map[string]string{"standard output": c.Stdout.String(), "standard error": c.Stderr.String()} {
		if slices.Contains(c.Command.Args, "--show-token") && stream == "standard output" {
			continue
		}
		if form := Leaked(text, secrets...); form != "" {
			n.T.Errorf("a secret is in %s of %q, %s", stream, c.Command.Args, form)
		}
	}
	if n.Raw != nil && n.Raw.misplaced.Load() > 0 {
		n.T.Errorf("%d requests of %q do not have the token in one header alone", n.Raw.misplaced.Load(), c.Command.Args)
	}
	err := filepath.WalkDir(n.home, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another program has just renamed it
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, _ := os.ReadFile(path)
		if form := Leaked(path+"\n"+string(text), secrets...); form != "" {
			n.T.Errorf("a secret is in %s, a file of %q, %s", path, c.Command.Args, form)
		}
		return nil
	})
	if err != nil {
		n.T.Error(err)
	}
}

// SecretProcess checks the same for the arguments and the environment of a running program, and
// that it has started no other programs.
func (n *Network) SecretProcess(c *Client) {
	n.T.Helper()
	n.mutex.Lock()
	secrets := n.watched()
	n.mutex.Unlock()
	process := fmt.Sprintf("/proc/%d/", c.Command.Process.Pid) // only on Linux
	for _, file := range []string{"cmdline", "environ"} {
		text, _ := os.ReadFile(process + file)
		if form := Leaked(string(text), secrets...); form != "" {
			n.T.Errorf("a secret is in %s of %q, %s", file, c.Command.Args, form)
		}
	}
	tasks, _ := filepath.Glob(process + "task/*/children")
	for _, task := range tasks {
		if children, _ := os.ReadFile(task); len(bytes.TrimSpace(children)) > 0 {
			n.T.Errorf("%q has started programs: %s", c.Command.Args, children)
		}
	}
}
