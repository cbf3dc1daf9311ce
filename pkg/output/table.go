package output

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// gap is the space between two columns.
const gap = "  "

// column is the format of a column.
type column struct {
	title string
	// right aligns numbers.
	right bool
	// limit is the maximum width, 0 for no limit. A wider text is wrapped: at words, or anywhere.
	limit   int
	atWords bool
}

// table has columns and gaps, without lines: easy to read, to copy from and to process with awk. It
// keeps its rows and writes them once the width of each column is known.
type table struct {
	style   Style
	columns []column
	// widths are the widths of the widest cells.
	widths []int
	rows   [][]string
}

func newTable(style Style, columns ...column) *table {
	t := &table{style: style, columns: columns, widths: make([]int, len(columns))}
	for i, c := range columns {
		t.widths[i] = len(c.title)
	}
	return t
}

// add adds a row: a cell for each column, without tabs and line ends: see CleanLine.
func (t *table) add(cells ...string) {
	for i, cell := range cells {
		t.widths[i] = max(t.widths[i], columns(cell))
	}
	t.rows = append(t.rows, cells)
}

// write writes the header and the rows; nothing if there are no rows.
func (t *table) write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = t.style.Strong(c.title)
		if c.limit > 0 {
			t.widths[i] = min(t.widths[i], max(c.limit, len(c.title))) // headers do not wrap
		}
	}
	var b strings.Builder
	t.row(&b, titles)
	for _, cells := range t.rows {
		t.row(&b, cells)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// row writes one row, with as many lines as its tallest cell, without trailing spaces.
func (t *table) row(b *strings.Builder, cells []string) {
	lines, height := make([][]string, len(cells)), 1
	for i, cell := range cells {
		if t.columns[i].atWords {
			cell = text.WrapSoft(cell, t.widths[i])
		}
		for line := range strings.SplitSeq(cell, "\n") {
			lines[i] = append(lines[i], broken(line, t.widths[i])...)
		}
		height = max(height, len(lines[i]))
	}
	for n := range height {
		line := ""
		for i, c := range t.columns {
			cell, align := "", text.AlignLeft
			if n < len(lines[i]) {
				cell = lines[i][n]
			}
			if c.right {
				align = text.AlignRight
			}
			line += align.Apply(cell, t.widths[i]) + gap
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// broken breaks a line into pieces that fit, even within words.
func broken(line string, width int) (pieces []string) {
	if columns(line) <= width {
		return []string{line}
	}
	begin, used := 0, 0
	for i, r := range line {
		if used+text.RuneWidth(r) > width {
			pieces = append(pieces, line[begin:i])
			begin, used = i, 0
		}
		used += text.RuneWidth(r)
	}
	return append(pieces, line[begin:])
}

// columns is the width of a text on a terminal, without escape sequences.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }
