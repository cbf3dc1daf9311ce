package acceptance

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret demands that the token is in nothing that the program wrote, on its
// streams or in files, and that it was sent in one header alone. Every test on
// a network ends with it.
func (n *network) secret(c *client) {
	n.t.Helper()
	token, err := os.ReadFile(n.tokenFile)
	if err != nil {
		return // the sandbox is gone, and its token with it
	}
	token = bytes.TrimSpace(token)
	if strings.Contains(c.stdout.String()+c.stderr.String(), string(token)) {
		n.t.Errorf("the token is in the output of %q", c.command.Args)
	}
	if n.raw != nil && n.raw.misplaced.Load() > 0 {
		n.t.Errorf("%d requests of %q do not have the token in one header alone", n.raw.misplaced.Load(), c.command.Args)
	}
	err = filepath.WalkDir(n.home, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another program has just renamed it
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if text, _ := os.ReadFile(path); bytes.Contains(text, token) {
			n.t.Errorf("the token is in %s, a file of %q", path, c.command.Args)
		}
		return nil
	})
	if err != nil {
		n.t.Error(err)
	}
}

// secretProcess demands the same of what others can see of a program that
// runs, and that it has started no others.
func (n *network) secretProcess(c *client) {
	n.t.Helper()
	token, err := os.ReadFile(n.tokenFile)
	if err != nil {
		return
	}
	process := fmt.Sprintf("/proc/%d/", c.command.Process.Pid) // on Linux; elsewhere there is none
	for _, file := range []string{"cmdline", "environ"} {
		if text, _ := os.ReadFile(process + file); bytes.Contains(text, bytes.TrimSpace(token)) {
			n.t.Errorf("the token is in %s of %q", file, c.command.Args)
		}
	}
	tasks, _ := filepath.Glob(process + "task/*/children")
	for _, task := range tasks {
		if children, _ := os.ReadFile(task); len(bytes.TrimSpace(children)) > 0 {
			n.t.Errorf("%q has started programs: %s", c.command.Args, children)
		}
	}
}
