package output

import (
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	var b strings.Builder
	table := newTable(Style{}, column{title: "NAME", limit: 6}, column{title: "N", right: true}, column{title: "TEXT", limit: 9})
	if err := table.write(&b); err != nil || b.String() != "" {
		t.Errorf("an empty table: %v, %q", err, b.String())
	}
	table.add("a", "1", "short")
	table.add("ab_cd_efgh", "1234", "words that do not fit")
	table.add("世界", "", "")
	table.add("", "5", "")
	const want = `
NAME       N  TEXT
a          1  short
ab_cd_  1234  words
efgh          that do
              not fit
世界
           5
`
	if err := table.write(&b); err != nil || b.String() != want[1:] {
		t.Errorf("%v, got\n%s\nwant\n%s", err, b.String(), want)
	}
}
