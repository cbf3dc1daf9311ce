package output

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// gap stands between two columns.
const gap = "  "

// newTable makes a table of columns and gaps, without lines: easy to read, to
// copy from and to cut with awk.
func newTable() table.Writer {
	t := table.NewWriter()
	style := table.Style{
		Name:    "columns",
		Box:     table.BoxStyle{PaddingRight: gap},
		Format:  table.FormatOptions{Header: text.FormatDefault},
		Options: table.OptionsNoBordersAndSeparators,
	}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

func writeTable(w io.Writer, t table.Writer) error {
	_, err := io.WriteString(w, t.Render()+"\n")
	return err
}
