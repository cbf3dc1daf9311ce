package sandboxcmd

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/manual"
)

var update = flag.Bool("update", false, "write the generated page anew")

//go:generate go test -run TestManPage -update .

// The manual page is made from the command and its flags.
func TestManPage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, another shell is the default")
	}
	command := newCommand(Streams{}, "1.2.3", func(runOptions) error { return nil })
	page := manual.Describe(command, command.Name())
	page.Sections = append(page.Sections,
		manual.Section{Title: "Options", Blocks: manual.Options(command.Flags())},
		manual.Section{Title: "Environment of command", Blocks: []manual.Block{
			manual.Term{Word: "`PUPPET_CODE_SERVICE_URL`, `PUPPET_CODE_CACERT`, `PUPPET_CODE_TOKEN_FILE`", Text: "Where the sandbox is, its certificate authority, and the file with the token: as `puppet-code`(1) reads them."},
			manual.Term{Word: "`PUPPET_CODE_RBAC_URL`", Text: "Where the token service is, for `puppet-code login`."},
			manual.Term{Word: "`CODE_MANAGER_SANDBOX_PASSWORD_FILE`", Text: "The file with the password of its one user, `sandbox`."},
			manual.Term{Word: "`CODE_MANAGER_SANDBOX_CONTROL_REPO`", Text: "The control repository, to clone and to push to."},
			manual.Term{Word: "`CODE_MANAGER_SANDBOX_CODEDIR`", Text: "The code directory of the primary."},
		}},
		manual.Section{Title: "Exit status", Blocks: []manual.Block{
			manual.Text("With a COMMAND it is the COMMAND's, 128+n if signal n ended it, 126 if it cannot be executed and 127 if it was not found. Else:"),
			manual.Term{Word: "`0`", Text: "Ended by SIGINT or SIGTERM."},
			manual.Term{Word: "`1`", Text: "The sandbox could not start, or without a COMMAND not clean up."},
			manual.Term{Word: "`2`", Text: "Wrong usage; nothing was started."},
			manual.Term{Word: "`128+n`", Text: "Ended by signal n."},
		}},
		manual.Examples(command),
		manual.Section{Title: "See also", Blocks: []manual.Block{manual.Text("`puppet-code`(1)")}},
	)
	path := filepath.Join("..", "..", "..", "docs", "reference", "man", page.File())
	if *update {
		if err := os.WriteFile(path, []byte(page.Roff()), 0o644); err != nil { // a page for everybody
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != page.Roff() {
		t.Errorf("%s is not what the program says (%v): run go generate ./...", path, err)
	}
}
