package output

import (
	"cmp"
	"io"
	"slices"

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
	// spare marks a column that a narrow terminal does not get.
	spare bool
	// limit is the width at which a text is wrapped, 0 for no limit: between words, or a name after its
	// underscores, dots and dashes.
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

// fit fits the table into the width of the terminal: spare columns go, from the left, while there is no
// room. Least is the least width of a last column that can be wrapped, 0 for another one. The names in the
// first column are wrapped if nothing else helps.
func (t *table) fit(least int) {
	if t.style.Width <= 0 {
		return
	}
	for t.left() < cmp.Or(least, t.width(len(t.columns)-1)) {
		i := slices.IndexFunc(t.columns, func(c column) bool { return c.spare })
		if i < 0 {
			break
		}
		t.columns = slices.Delete(t.columns, i, i+1)
		for n := range t.rows {
			t.rows[n] = slices.Delete(t.rows[n], i, i+1)
		}
	}
	if least == 0 {
		least = t.width(len(t.columns) - 1)
	} else {
		t.columns[len(t.columns)-1].limit = max(t.left(), least)
	}
	if missing := least - t.left(); missing > 0 {
		t.columns[0].limit = max(t.width(0)-missing, leastNameWidth)
	}
}

// left is the width that the other columns leave for the last one.
func (t *table) left() int {
	last := len(t.columns) - 1
	left := t.style.Width - last*len(between)
	for i := range last {
		left -= t.width(i)
	}
	return left
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
		configs[i] = pretty.ColumnConfig{Number: i + 1, WidthMaxEnforcer: wrapCell}
		if i == 0 {
			configs[i].WidthMaxEnforcer = wrapName
		}
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
