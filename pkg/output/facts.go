package output

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Fact is a line of a result about one thing.
type Fact struct{ Name, Text string }

// Facts writes a line for each fact that has a text.
func Facts(w io.Writer, style Style, facts []Fact) error {
	var b strings.Builder
	columns := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	for _, fact := range facts {
		if fact.Text != "" {
			_, _ = fmt.Fprintf(columns, "%s:\t%s\n", fact.Name, style.line(fact.Text))
		}
	}
	_ = columns.Flush() // to memory
	_, err := io.WriteString(w, b.String())
	return err
}
