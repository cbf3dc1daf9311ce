package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/puppet-code/puppet-code/pkg/acceptance/internal/harness"
)

// Every row of docs/reference/compatibility.md names tests that exist, and every script
// about compatibility is in the table.
func TestCompatibilityPage(t *testing.T) {
	page, err := os.ReadFile(harness.Root("docs", "reference", "compatibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	functions := harness.TestFunctions(t)
	named := map[string]bool{}
	marks := []string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "¦"), "|")
		if len(cells) < 2 || cells[0] != "" || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| | behaviour ") {
			continue
		}
		if len(cells) != 7 {
			t.Errorf("%d cells, want 5: %s", len(cells)-2, line)
			continue
		}
		marks = append(marks, strings.Trim(cells[1], " *"))
		tests := regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(cells[5], -1)
		if len(tests) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, test := range tests {
			named[test[1]] = true
			if !exists(test[1], functions) {
				t.Errorf("there is no test %s: %s", test[1], line)
			}
		}
	}
	if want := []string{"differs", "more", "same"}; !slices.Equal(slices.Compact(marks), want) {
		t.Errorf("the marks come as %v, want %v", slices.Compact(marks), want)
	}
	scripts, _ := filepath.Glob(filepath.Join("..", "testdata", "compat", "*.txtar"))
	for _, script := range scripts {
		if !named["compat/"+filepath.Base(script)] {
			t.Errorf("%s is in no row", script)
		}
	}
}

func exists(test string, functions map[string]bool) bool {
	if strings.HasSuffix(test, ".txtar") {
		info, err := os.Stat(filepath.Join("..", "testdata", filepath.FromSlash(test)))
		return err == nil && info.Size() > 0
	}
	if strings.HasPrefix(test, ".ci/") {
		_, err := os.Stat(harness.Root(filepath.FromSlash(test)))
		return err == nil
	}
	return functions[test]
}
