package cli

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated page anew")

// The page is made from the comments of the constants.
func TestExitStatusPage(t *testing.T) {
	const page = "../../docs/reference/exit-statuses.md"
	var b bytes.Buffer
	b.WriteString("# Exit statuses\n\n<!-- Made from pkg/cli/exitstatus.go by `go generate ./pkg/cli`. -->\n\n" +
		"Scripts can rely on these; the result is on standard output whatever the status.\n\n| status | meaning |\n|---|---|\n")
	for _, row := range exitStatuses(t) {
		fmt.Fprintf(&b, "| %s | %s |\n", row.status, row.meaning)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil { // a page for everybody
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s is not what the code says (%v): run go generate ./pkg/cli", page, err)
	}
}

// statusRow is an exit status as its comment explains it.
type statusRow struct{ status, meaning string }

// exitStatuses reads the comments of the constants.
func exitStatuses(t *testing.T) []statusRow {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "exitstatus.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var rows []statusRow
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Exit") {
			return true
		}
		status := spec.Values[0].(*ast.BasicLit).Value
		if spec.Names[0].Name == "ExitSignal" {
			status += "+n"
		}
		rows = append(rows, statusRow{status, strings.Join(strings.Fields(spec.Doc.Text()), " ")})
		return true
	})
	if len(rows) < 7 {
		t.Fatalf("only %d statuses found", len(rows))
	}
	return rows
}
