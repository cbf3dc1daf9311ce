package sandboxcmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/puppet-code/puppet-code/pkg/internal/rename"
)

// shell has the formats for setting and unsetting a variable.
type shell struct {
	set, unset string
	// quote makes one word of any text.
	quote func(string) string
}

// shells are the values of --shell.
func shells() map[string]shell {
	return map[string]shell{
		"sh":         {set: "export %s=%s\n", unset: "unset %s\n", quote: quoteForSh},
		"powershell": {set: "$env:%s = %s\n", unset: "Remove-Item Env:%s -ErrorAction SilentlyContinue\n", quote: quoteForPowerShell},
	}
}

// defaultShell is the shell that comes with an operating system.
func defaultShell(goos string) string {
	if goos == "windows" {
		return "powershell"
	}
	return "sh"
}

// publishVariables prints the variables, or writes the file of --env-file in one step: whoever sees
// the file can use it.
func publishVariables(options runOptions, out io.Writer, variables []variable) error {
	if options.envFile == "" {
		if err := printVariables(out, options.shell, variables); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
		return nil
	}
	var text bytes.Buffer
	err := printVariables(&text, options.shell, variables)
	unfinished := options.envFile + ".new"
	if err == nil {
		err = os.WriteFile(unfinished, text.Bytes(), 0o600)
	}
	if err == nil {
		err = rename.To(unfinished, options.envFile)
	}
	if err != nil {
		return fmt.Errorf("--env-file: %w", errors.Join(err, removeFile(unfinished)))
	}
	return nil
}

// removeFile removes a file, if there is one.
func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// printVariables writes lines to be run by a shell.
func printVariables(out io.Writer, name string, variables []variable) error {
	shell := shells()[name]
	var lines strings.Builder
	if _, set := os.LookupEnv(tokenVariable); set {
		fmt.Fprintf(&lines, shell.unset, tokenVariable)
	}
	for _, v := range variables {
		fmt.Fprintf(&lines, shell.set, v.name, shell.quote(v.value))
	}
	_, err := io.WriteString(out, lines.String())
	return err
}

// quoteForSh is for any POSIX shell.
func quoteForSh(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quoteForPowerShell doubles all characters that PowerShell takes for a single
// quote.
func quoteForPowerShell(text string) string {
	return "'" + strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(text) + "'"
}
