package output

import (
	"io"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// between is the space between two columns.
const between = "  "

// column is the format of a column.
type column struct {
	title string
	// right aligns numbers.
	right bool
	// limit is the maximum width, 0 for no limit. A wider text is wrapped between words; a longer word
	// is broken.
	limit int
}

// table has columns without lines: easy to read, to copy from and to process with awk.
type table struct {
	style   Style
	columns []column
	rows    [][]string
}

func newTable(style Style, columns ...column) *table { return &table{style: style, columns: columns} }

// add adds a row: a cell for each column, without tabs and line ends: see CleanLine.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// width is the width of a column whose cells do not wrap.
func (t *table) width(i int) int {
	width := len(t.columns[i].title)
	for _, cells := range t.rows {
		width = max(width, columns(cells[i]))
	}
	return width
}

// fit distributes the width of a line: the name and the last column share the space that the other
// columns leave. Least is the smallest useful width of the last column.
func (t *table) fit(least int) {
	if t.style.Width <= 0 {
		return
	}
	last := len(t.columns) - 1
	left := t.style.Width - last*len(between)
	for i := 1; i < last; i++ {
		left -= t.width(i)
	}
	name := max(min(t.width(0), left-least), leastNameWidth)
	t.columns[0].limit, t.columns[last].limit = name, max(left-name, least)
}

// write writes the header and the rows; nothing if there are no rows.
func (t *table) write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	writer := pretty.NewWriter()
	writer.SetStyle(pretty.Style{Box: pretty.BoxStyle{PaddingRight: between}, Options: pretty.OptionsNoBordersAndSeparators})
	writer.SuppressTrailingSpaces()
	header, configs := make(pretty.Row, len(t.columns)), make([]pretty.ColumnConfig, len(t.columns))
	for i, c := range t.columns {
		header[i] = t.style.Strong(c.title)
		configs[i] = pretty.ColumnConfig{Number: i + 1, WidthMaxEnforcer: text.WrapSoft}
		if c.limit > 0 {
			configs[i].WidthMax = max(c.limit, len(c.title)) // titles do not wrap
		}
		if c.right {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	writer.SetColumnConfigs(configs)
	writer.AppendHeader(header)
	for _, cells := range t.rows {
		row := make(pretty.Row, len(cells))
		for i, cell := range cells {
			row[i] = cell
		}
		writer.AppendRow(row)
	}
	_, err := io.WriteString(w, writer.Render()+"\n")
	return err
}

// columns is the width of a text on a terminal, without escape sequences.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }
