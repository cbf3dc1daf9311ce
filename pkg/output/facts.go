package output

import (
	"fmt"
	"io"
	"strings"
)

// Fact is a line of a result about one thing.
type Fact struct{ Name, Text string }

// Facts writes a line for each fact that has a text.
func Facts(w io.Writer, style Style, facts []Fact) error {
	width := 0
	for _, fact := range facts {
		if fact.Text != "" {
			width = max(width, len(fact.Name)+1)
		}
	}
	var b strings.Builder
	for _, fact := range facts {
		if fact.Text != "" {
			fmt.Fprintf(&b, "%-*s %s\n", width, fact.Name+":", style.line(fact.Text))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
