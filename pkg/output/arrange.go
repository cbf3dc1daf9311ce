package output

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/puppet-code/puppet-code/pkg/internal/validjson"
)

// arranger writes JSON that is known to be valid as scripts expect it: the
// names of every object in alphabetical order, indented by two spaces. Package
// jsontext can do the same, in some five times the time, most of which it takes
// to make sure that the JSON is valid.
type arranger struct {
	// keep leaves the names in the order in which they come.
	keep bool

	out []byte
	// plain is true where no string has an escape or bytes that are no UTF-8.
	plain bool
	// members and elements are those of what is open, the outermost first.
	members  []validjson.Member
	elements [][]byte
	// shapes are objects that were seen, by how many members they have: the next
	// one has mostly the same names.
	shapes [8]shape
}

// shape is the names of an object in their order, and the order to write them in.
type shape struct {
	names []string
	order []int
}

// maxDepth is deeper than anything that Code Manager says. What is inside of
// that is written as it came, for lines that are indented ever more have no end.
const maxDepth = 200

// arrange appends a value to out at a depth of indentation.
func (a *arranger) arrange(out []byte, value jsontext.Value, depth int) []byte {
	a.out = out
	a.plain = bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value)
	a.value(validjson.Trim(value), depth)
	return a.out
}

func (a *arranger) value(value []byte, depth int) {
	switch {
	case value[0] == '"':
		a.text(value)
	case value[0] == '{' && depth <= maxDepth:
		a.object(value, depth)
	case value[0] == '[' && depth <= maxDepth:
		a.array(value, depth)
	default:
		a.out = append(a.out, value...)
	}
}

func (a *arranger) array(value []byte, depth int) {
	first := len(a.elements)
	a.elements = validjson.Elements(a.elements, value)
	elements := a.elements[first:]
	a.out = append(a.out, '[')
	for i, element := range elements {
		a.line(i, depth+1)
		a.value(element, depth+1)
	}
	a.elements = a.elements[:first]
	a.end(len(elements), depth, ']')
}

func (a *arranger) object(value []byte, depth int) {
	first := len(a.members)
	a.members = validjson.Members(a.members, value)
	members := a.members[first:]
	order := a.order(members)
	a.out = append(a.out, '{')
	for i := range members {
		m := members[i]
		if !a.keep {
			m = members[order[i]]
		}
		a.line(i, depth+1)
		a.text(m.Name)
		a.out = append(a.out, ':', ' ')
		a.value(m.Value, depth+1)
	}
	a.members = a.members[:first]
	a.end(len(members), depth, '}')
}

// order is the order to write members in. Those of the same name stay in theirs.
func (a *arranger) order(members []validjson.Member) []int {
	if a.keep {
		return nil
	}
	s := &a.shapes[len(members)%len(a.shapes)]
	if s.fits(members) {
		return s.order
	}
	names, order := make([]string, len(members)), make([]int, len(members))
	texts := make([]string, len(members))
	for i, m := range members {
		names[i], order[i], texts[i] = string(m.Name), i, unquoted(m.Name)
	}
	slices.SortStableFunc(order, func(x, y int) int { return strings.Compare(texts[x], texts[y]) })
	*s = shape{names, order}
	return order
}

func (s *shape) fits(members []validjson.Member) bool {
	if len(s.names) != len(members) {
		return false
	}
	for i := range members {
		if string(members[i].Name) != s.names[i] {
			return false
		}
	}
	return true
}

// line begins the line of one of several.
func (a *arranger) line(place, depth int) {
	if place > 0 {
		a.out = append(a.out, ',')
	}
	a.out = appendLine(a.out, depth)
}

// end closes a bracket, on a line of its own if there is something between.
func (a *arranger) end(count, depth int, bracket byte) {
	if count > 0 {
		a.out = appendLine(a.out, depth)
	}
	a.out = append(a.out, bracket)
}

const indentation = "                                                                "

func appendLine(out []byte, depth int) []byte {
	out = append(out, '\n')
	for n := 2 * depth; n > 0; n -= len(indentation) {
		out = append(out, indentation[:min(n, len(indentation))]...)
	}
	return out
}

// text copies a string, in the shortest form where it has escapes or bytes that
// are no UTF-8.
func (a *arranger) text(value []byte) {
	if a.plain {
		a.out = append(a.out, value...)
		return
	}
	// Its only error is about bytes that are no UTF-8, which are replaced.
	a.out, _ = jsontext.AppendQuote(a.out, unquoted(value))
}

// unquoted is the text of a JSON string. The only error is as above.
func unquoted(value []byte) string {
	text, _ := jsontext.AppendUnquote(nil, value)
	return string(text)
}
